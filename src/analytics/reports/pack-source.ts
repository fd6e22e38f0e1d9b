import { DAY_MS } from '../analytics.types.js';
import { type PackColumn, PLACE_OF_DIMENSION } from '../pack-layout.js';
import { scopeCondition, type SqlParameters } from './report-conditions.js';
import { cutDays, type ReportPlan, type Windows } from './report-plan.js';
import { unionOf } from './report-source.js';
import type { ReportSelection } from './reports.types.js';
import { daysOf, merged } from './time-cover.js';

/** Packs of a level go at once, when they become one of the next; so do all of a day that gets rollups. */
const GROUP = '2 * level + is_rolled_up::integer';
/** More stretches than these are quicker to tell as a list of their days. */
const FEW = 4;

/** Queries for packs. */
export class PackSource {
  private readonly ownerId: string;
  private readonly isOwned: string;

  constructor(
    private readonly selection: ReportSelection,
    private readonly plan: ReportPlan,
    private readonly parameters: SqlParameters,
  ) {
    this.ownerId = `${plan.owner}_id`;
    this.isOwned = scopeCondition(selection.scope, parameters);
  }

  /**
   * Packs, as rows of id, group, owner, day (Unix milliseconds), is_rolled_up, clicks and the
   * columns. What is wanted of some days only is read of those.
   * @param ids which packs; all, if undefined
   */
  packs(columns: PackColumn[], ids?: string[]): string {
    const { rolledUp, others } = this.plan;
    return unionOf(
      [true, false].map((isRolledUp) => {
        const windows = isRolledUp ? rolledUp : others;
        const days = daysOfWindows(windows);
        if (days.length === 0) return '';
        const selected = columns.map((column) => {
          const wanted = this.daysOfColumn(column, windows) ?? days;
          return wanted.length === days.length
            ? `pack.${column}`
            : `CASE WHEN ${this.isOneOf(wanted)} THEN pack.${column} END AS ${column}`;
        });
        return `SELECT pack.id, ${GROUP}, known.${this.ownerId}::text AS owner,
            (extract(epoch FROM known.day) * 1000)::float8 AS day, is_rolled_up,
            pack.clicks, ${selected.join(', ')}
          FROM ${this.packsOf(days)} AND is_rolled_up = ${isRolledUp}
            ${ids ? `AND pack.id = ANY(${this.parameters.add(ids, 'uuid[]')})` : ''}`;
      }),
    );
  }

  /** Which packs there are, as rows of id and group. */
  packIds(): string {
    const { rolledUp, others } = this.plan;
    return unionOf(
      [true, false].map((isRolledUp) => {
        const days = daysOfWindows(isRolledUp ? rolledUp : others);
        if (days.length === 0) return '';
        return `SELECT pack.id, ${GROUP} AS "group"
          FROM ${this.packsOf(days)} AND is_rolled_up = ${isRolledUp}`;
      }),
    );
  }

  private packsOf(days: number[]): string {
    const { owner } = this.plan;
    return `${owner}_days AS known JOIN ${owner}_packs AS pack USING (${this.ownerId}, day)
      WHERE known.${this.isOwned} AND (${this.isOneOf(days)})`;
  }

  /** Of which days a column is wanted; undefined: of all. */
  private daysOfColumn(column: PackColumn, windows: Windows): number[] | undefined {
    const { starts, filters } = this.selection;
    if (column === 'quarter') return cutDays(windows, starts);
    const isValue = this.plan.dimensions.some((name) => PLACE_OF_DIMENSION[name].column === column);
    const isFilter = filters.some(
      ({ dimension }) => PLACE_OF_DIMENSION[dimension].column === column,
    );
    return isValue && !isFilter ? daysOf(windows.values) : undefined;
  }

  /** Days mostly follow one another: a range is told sooner, and understood sooner, than its days. */
  private isOneOf(days: number[]): string {
    const stretches = merged(days.map((day) => ({ from: day, to: day + DAY_MS })));
    if (stretches.length > FEW) return `known.day = ANY(${this.parameters.times(days)})`;
    const conditions = stretches.map((stretch) => this.parameters.within('known.day', stretch));
    return conditions.join(' OR ') || 'false';
  }
}

const daysOfWindows = ({ totals, values, links }: Windows): number[] =>
  daysOf([...totals, ...values, ...links]);
