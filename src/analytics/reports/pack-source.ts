import { DAY_MS } from '../analytics.types.js';
import type { PackPart } from '../pack-layout.js';
import { PackNeeds } from './pack-needs.js';
import { scopeCondition, type SqlParameters } from './report-conditions.js';
import type { ReportPlan } from './report-plan.js';
import { unionOf } from './report-source.js';
import type { ReportSelection } from './reports.types.js';
import { merged } from './time-cover.js';

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
   * Packs, as rows of what their heads tell and of the parts, which are null where they are not needed.
   * @param ids which packs; all, if undefined
   */
  packs(parts: readonly PackPart[], ids?: string[]): string {
    const { rolledUp, others } = this.plan;
    return unionOf(
      [true, false].map((isRolledUp) => {
        const windows = isRolledUp ? rolledUp : others;
        const needs = new PackNeeds(this.plan, this.selection, windows);
        if (needs.days.length === 0) return '';
        const columns = [
          'pack.id::text AS id',
          `${GROUP} AS "group"`,
          `known.${this.ownerId}::text AS "ownerId"`,
          '(extract(epoch FROM known.day) * 1000)::float8 AS day',
          'is_rolled_up AS "isRolledUp"',
          'pack.clicks AS clicks',
          ...parts.map((part) => this.partIf(part, needs.of(part), needs.days)),
        ];
        return `SELECT ${columns.join(', ')}
          FROM ${this.packsOf(needs.days, isRolledUp, ids)}`;
      }),
    );
  }

  /** @param ids which packs; all, if undefined */
  private packsOf(days: number[], isRolledUp: boolean, ids?: string[]): string {
    const { owner } = this.plan;
    return `${owner}_days AS known JOIN ${owner}_packs AS pack USING (${this.ownerId}, day)
      WHERE known.${this.isOwned} AND (${this.isOneOf(days)}) AND is_rolled_up = ${isRolledUp}
        ${ids ? `AND pack.id = ANY(${this.parameters.add(ids, 'uuid[]')})` : ''}`;
  }

  /** @param all days of the statement */
  private partIf(part: PackPart, days: number[], all: number[]): string {
    if (days.length === all.length) return `pack.${part}`;
    return `CASE WHEN ${this.isOneOf(days)} THEN pack.${part} END AS ${part}`;
  }

  /** Days mostly follow one another: a range is told sooner, and understood sooner, than its days. */
  private isOneOf(days: number[]): string {
    const stretches = merged(days.map((day) => ({ from: day, to: day + DAY_MS })));
    if (stretches.length > FEW) return `known.day = ANY(${this.parameters.times(days)})`;
    const conditions = stretches.map((stretch) => this.parameters.within('known.day', stretch));
    return conditions.join(' OR ') || 'false';
  }
}
