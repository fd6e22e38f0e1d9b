import { ALL_CLICKS, CLICK_COLUMNS, type Dimension, DIMENSIONS } from '../analytics.types.js';
import { filterCondition, scopeCondition, type SqlParameters } from './report-conditions.js';
import type { Filter, Scope, TimeRange } from './reports.types.js';
import { merged, type TimeCover } from './time-cover.js';

type Counted = typeof ALL_CLICKS | Dimension;

const COUNTS = 'clicks, bots, visitors';
const CLICK = `link_id, clicked_at AS at, 1 AS clicks, is_bot::int AS bots,
  is_new_visitor::int AS visitors,
  ${DIMENSIONS.map((name) => `${CLICK_COLUMNS[name]} AS ${name}`).join(', ')}`;

/**
 * Queries for counts, each with rows of link_id, at, dimension, value, clicks, bots and visitors.
 * An unknown value of a dimension has no row. Owned by a workspace, the rows have no link_id.
 */
export class ReportSource {
  constructor(
    private readonly scope: Scope,
    private readonly owner: 'link' | 'workspace',
    private readonly parameters: SqlParameters,
  ) {}

  /** How many clicks there were, by times that the cover tells apart. */
  totals({ days, hours, quarters }: TimeCover): string {
    const rollups = [
      this.rollups(60, hours, [ALL_CLICKS]),
      this.rollups(15, quarters, [ALL_CLICKS]),
    ];
    if (this.owner === 'workspace') {
      return unionOf([this.rollups(1440, days, [ALL_CLICKS]), ...rollups]);
    }
    const quiet = this.quietClicks(merged(hours, quarters));
    return unionOf([this.linkDays(days), ...rollups, byValue(quiet, [ALL_CLICKS])]);
  }

  /** How many there were with each value. */
  values({ days, hours, quarters }: TimeCover, dimensions: Dimension[]): string {
    const quiet = this.owner === 'link' && this.quietClicks(merged(days, hours));
    return unionOf([
      this.rollups(1440, days, dimensions),
      this.rollups(60, hours, dimensions),
      byValue(quiet, dimensions),
      // Values are not counted by the quarter of an hour.
      byValue(this.clicks(quarters), dimensions),
    ]);
  }

  /** Single clicks, with their values in columns. */
  clicks(stretches: TimeRange[], filters: Filter[] = []): string {
    if (stretches.length === 0) return '';
    const conditions = filters.map((filter) =>
      filterCondition(filter, CLICK_COLUMNS[filter.dimension], this.parameters),
    );
    return `SELECT ${CLICK} FROM ${this.parameters.stretches(stretches)}
      JOIN clicks ON clicked_at >= since AND clicked_at < until
      WHERE ${[scopeCondition(this.scope, this.parameters), ...conditions].join(' AND ')}`;
  }

  private linkDays(stretches: TimeRange[]): string {
    if (stretches.length === 0) return '';
    return `SELECT link_id, day AS at, '${ALL_CLICKS}' AS dimension, '' AS value, ${COUNTS}
      FROM ${this.parameters.stretches(stretches)} JOIN link_days ON day >= since AND day < until
      WHERE ${scopeCondition(this.scope, this.parameters)}`;
  }

  private rollups(minutes: number, stretches: TimeRange[], dimensions: Counted[]): string {
    if (stretches.length === 0) return '';
    const { scope, owner, parameters } = this;
    const isOwned =
      owner === 'workspace' && 'workspaceId' in scope
        ? `workspace_id = ${parameters.add(scope.workspaceId, 'uuid')}`
        : scopeCondition(scope, parameters);
    return `SELECT ${owner === 'link' ? 'link_id' : 'NULL::uuid AS link_id'}, bucket AS at,
        dimension, value, ${COUNTS}
      FROM ${parameters.stretches(stretches)}
      JOIN ${owner}_rollups ON bucket >= since AND bucket < until
      WHERE ${isOwned} AND minutes = ${minutes}
        AND dimension = ANY(${parameters.add(dimensions, 'text[]')})`;
  }

  /**
   * The clicks of the days that have no rollups. OFFSET keeps PostgreSQL from reading all clicks of
   * a link to find those of a few days.
   */
  private quietClicks(stretches: TimeRange[]): string {
    if (stretches.length === 0) return '';
    const day = `interval '24 hours'`;
    return `SELECT click.* FROM ${this.parameters.stretches(stretches)}
      JOIN link_days AS quiet ON day < until AND day + ${day} > since AND NOT is_rolled_up
      CROSS JOIN LATERAL (
        SELECT ${CLICK} FROM clicks WHERE clicks.link_id = quiet.link_id
          AND clicked_at >= greatest(day, since) AND clicked_at < least(day + ${day}, until) OFFSET 0
      ) AS click
      WHERE quiet.${scopeCondition(this.scope, this.parameters)}`;
  }
}

/** Single clicks as counts of the values that they have. */
export function byValue(clicks: string | false, dimensions: readonly Counted[]): string {
  if (clicks === false || clicks === '') return '';
  const entries = dimensions.map((name) =>
    name === ALL_CLICKS ? `('${ALL_CLICKS}', '')` : `('${name}', ${name})`,
  );
  return `SELECT link_id, at, entry.dimension, entry.value, ${COUNTS} FROM (${clicks}) AS click
    CROSS JOIN LATERAL (VALUES ${entries.join(', ')}) AS entry (dimension, value)
    WHERE entry.value IS NOT NULL`;
}

export const unionOf = (queries: string[]): string =>
  queries.filter((query) => query !== '').join(' UNION ALL ');
