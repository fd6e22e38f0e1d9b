import { ALL_CLICKS, CLICK_COLUMNS, DIMENSIONS } from '../analytics.types.js';
import {
  filterCondition,
  passesUnknown,
  scopeCondition,
  type SqlParameters,
} from './report-conditions.js';
import type { ReportPlan } from './report-plan.js';
import type { Filter, ReportSelection, TimeRange } from './reports.types.js';
import type { TimeCover } from './time-cover.js';

const COUNTS = 'clicks, bots, visitors';
const DAY = `interval '24 hours'`;
/** More stretches than these are quicker to read in one go. */
const FEW = 4;

/**
 * Queries for counts, with rows of owner_id, at, dimension, value, clicks, bots and visitors (an
 * unknown value of a dimension has no row).
 */
export class ReportSource {
  private readonly ownerId: string;
  private readonly isOwned: string;

  constructor(
    { scope }: ReportSelection,
    private readonly plan: ReportPlan,
    private readonly parameters: SqlParameters,
  ) {
    this.ownerId = `${plan.owner}_id`;
    this.isOwned = scopeCondition(scope, parameters);
  }

  /**
   * How many clicks sums and rollups tell of. Those that pass a filter are the sum of the values
   * that pass or, since there are no rows of unknown values, all clicks without those that do not.
   */
  countedTotals(): string {
    const { usesRollups, filter, totals, isDetailed } = this.plan;
    if (!usesRollups) return '';
    const whole = { ...totals, quarters: [] };
    if (!filter) {
      return unionOf([this.days(totals.days, isDetailed), this.rollups(totals, [ALL_CLICKS])]);
    }
    const values = this.rollups(whole, [filter.dimension]);
    if (values === '') return '';
    const passes = filterCondition(filter, 'value', this.parameters);
    if (!passesUnknown(filter)) return `SELECT * FROM (${values}) AS counted WHERE ${passes}`;
    return unionOf([
      this.days(whole.days, true),
      this.rollups(whole, [ALL_CLICKS]),
      `SELECT owner_id, at, dimension, value, -clicks, -bots, -visitors
       FROM (${values}) AS counted WHERE NOT (${passes})`,
    ]);
  }

  /** How many rollups tell of with each value. */
  countedValues(): string {
    const { usesRollups, dimensions, filter, values } = this.plan;
    if (!usesRollups || dimensions.length === 0) return '';
    const rows = this.rollups({ ...values, quarters: [] }, dimensions);
    if (!filter || rows === '') return rows;
    return `SELECT * FROM (${rows}) AS counted WHERE ${filterCondition(filter, 'value', this.parameters)}`;
  }

  /**
   * Single clicks of quiet days, with their values in columns. OFFSET keeps PostgreSQL from reading
   * all clicks of a link to find those of a few days.
   */
  quietClicks(filters: Filter[]): string {
    const { owner, others } = this.plan;
    if (owner === 'workspace' || others.totals.length === 0) return '';
    const passes = filters.map((filter) =>
      filterCondition(filter, CLICK_COLUMNS[filter.dimension], this.parameters),
    );
    return `SELECT click.* FROM ${this.parameters.stretches(others.totals)}
      JOIN link_days AS quiet ON day < until AND day + ${DAY} > since AND packs = 0 AND NOT is_rolled_up
      CROSS JOIN LATERAL (
        SELECT link_id AS owner_id, clicked_at AS at, 1 AS clicks, is_bot::int AS bots,
          is_new_visitor::int AS visitors,
          ${DIMENSIONS.map((name) => `${CLICK_COLUMNS[name]} AS ${name}`).join(', ')}
        FROM clicks WHERE clicks.link_id = quiet.link_id
          AND clicked_at >= greatest(day, since) AND clicked_at < least(day + ${DAY}, until)
          ${passes.map((condition) => `AND ${condition}`).join(' ')} OFFSET 0
      ) AS click
      WHERE quiet.${this.isOwned}`;
  }

  private days(stretches: TimeRange[], onlyRolledUp: boolean): string {
    if (stretches.length === 0) return '';
    return `SELECT ${this.ownerId} AS owner_id, day AS at, '${ALL_CLICKS}' AS dimension, '' AS value,
        ${COUNTS}
      FROM ${this.parameters.stretches(stretches)}
      JOIN ${this.plan.owner}_days ON day >= since AND day < until
      WHERE ${this.isOwned} ${onlyRolledUp ? 'AND is_rolled_up' : ''}`;
  }

  private rollups({ days, hours, quarters }: TimeCover, dimensions: string[]): string {
    const isOfDays = dimensions.every((name) => name !== ALL_CLICKS);
    return unionOf([
      isOfDays ? this.bucketsOf(1440, days, dimensions) : '',
      this.bucketsOf(60, hours, dimensions),
      this.bucketsOf(15, quarters, dimensions),
    ]);
  }

  /**
   * Many stretches that leave out little, as the whole hours of days that begin at half past, are
   * read in one go. OFFSET keeps PostgreSQL from comparing every bucket with every stretch of others.
   */
  private bucketsOf(minutes: number, stretches: TimeRange[], dimensions: string[]): string {
    if (stretches.length === 0) return '';
    const buckets = (condition: string): string =>
      `SELECT ${this.ownerId} AS owner_id, bucket AS at, dimension, value, ${COUNTS}
        FROM ${this.plan.owner}_rollups
        WHERE ${this.isOwned} AND minutes = ${minutes} AND ${condition}
          AND dimension = ANY(${this.parameters.add(dimensions, 'text[]')})`;
    if (stretches.length > FEW && leaveOutLittle(stretches)) {
      const [from, to] = [stretches[0]!.from, stretches.at(-1)!.to];
      return buckets(`${this.parameters.within('bucket', { from, to })}
        AND bucket < ${this.parameters.endAt('bucket', stretches)}`);
    }
    return `SELECT rollup.* FROM ${this.parameters.stretches(stretches)}
      CROSS JOIN LATERAL (${buckets('bucket >= since AND bucket < until')} OFFSET 0) AS rollup`;
  }
}

/** Whether they make up most of the time from the first to the last. */
function leaveOutLittle(stretches: TimeRange[]): boolean {
  const inside = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  return inside > (stretches.at(-1)!.to - stretches[0]!.from) / 2;
}

export const unionOf = (queries: string[]): string =>
  queries.filter((query) => query !== '').join(' UNION ALL ');
