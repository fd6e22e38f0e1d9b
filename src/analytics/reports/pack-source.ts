import { DAY_MS } from '../analytics.types.js';
import { type PackPart, UNKNOWN_VALUE } from '../pack-layout.js';
import { listedValues } from './filter.js';
import { type Need, PackNeeds } from './pack-needs.js';
import { scopeCondition, type SqlParameters } from './report-conditions.js';
import { cutsOf, type ReportPlan } from './report-plan.js';
import { unionOf } from './report-source.js';
import type { Filter, ReportSelection } from './reports.types.js';
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
   * Packs, as rows of id, group, owner, day (Unix milliseconds), is_rolled_up, clicks, is_folded and the parts.
   * What is wanted of some packs only is read of those.
   * @param ids which packs; all, if undefined
   */
  packs(parts: PackPart[], ids?: string[]): string {
    const { rolledUp, others } = this.plan;
    return unionOf(
      [true, false].map((isRolledUp) => {
        const windows = isRolledUp ? rolledUp : others;
        const needs = new PackNeeds(this.plan, this.selection, windows);
        if (needs.days.length === 0) return '';
        const selected = parts.map((part) => this.partIf(part, needs.of(part), needs.days));
        return `SELECT pack.id::text, ${GROUP}, known.${this.ownerId}::text AS owner,
            (extract(epoch FROM known.day) * 1000)::float8 AS day, is_rolled_up,
            pack.clicks, pack.folded IS NOT NULL, ${selected.join(', ')}
          FROM ${this.packsOf(needs.days, isRolledUp, { ids })}`;
      }),
    );
  }

  /**
   * The links of the clicks that pass the filter, or of those that do not, as rows of group and links.
   * Of days of which all counts, and packs that have them.
   */
  linksByValue(filter: Filter, texts: (values: string[]) => string, ids?: string[]): string {
    const { rolledUp, others } = this.plan;
    const { dimension } = filter;
    const values = listedValues(filter).map((value) => value ?? UNKNOWN_VALUE);
    return unionOf(
      [true, false].map((isRolledUp) => {
        const windows = isRolledUp ? rolledUp : others;
        const { edges } = cutsOf(windows, this.selection.starts);
        const days = daysOf(windows.links).filter((day) => !edges.has(day));
        if (days.length === 0 || values.length === 0) return '';
        const kept = `JOIN workspace_pack_links AS kept
          ON kept.workspace_id = pack.workspace_id AND kept.day = pack.day AND pack_id = pack.id
            AND dimension = '${dimension}' AND value = ANY(${texts(values)})`;
        return `SELECT ${GROUP}, links FROM ${this.packsOf(days, isRolledUp, { ids, join: kept })}`;
      }),
    );
  }

  /** Which packs there are, as rows of id and group. */
  packIds(): string {
    const { rolledUp, others } = this.plan;
    return unionOf(
      [true, false].map((isRolledUp) => {
        const { days } = new PackNeeds(this.plan, this.selection, isRolledUp ? rolledUp : others);
        if (days.length === 0) return '';
        return `SELECT pack.id, ${GROUP} AS "group" FROM ${this.packsOf(days, isRolledUp)}`;
      }),
    );
  }

  /** @param ids which packs; all, if undefined */
  private packsOf(
    days: number[],
    isRolledUp: boolean,
    { ids, join = '' }: { ids?: string[]; join?: string } = {},
  ): string {
    const { owner } = this.plan;
    return `${owner}_days AS known JOIN ${owner}_packs AS pack USING (${this.ownerId}, day) ${join}
      WHERE known.${this.isOwned} AND (${this.isOneOf(days)}) AND is_rolled_up = ${isRolledUp}
        ${ids ? `AND pack.id = ANY(${this.parameters.add(ids, 'uuid[]')})` : ''}`;
  }

  /** @param all days of the statement */
  private partIf(part: PackPart, { days, unlessFolded }: Need, all: number[]): string {
    if (days.length === all.length) return `pack.${part}`;
    const isNeeded = `${this.isOneOf(days)} OR (${this.isOneOf(unlessFolded)}) AND pack.folded IS NULL`;
    return `CASE WHEN ${isNeeded} THEN pack.${part} END AS ${part}`;
  }

  /** Days mostly follow one another: a range is told sooner, and understood sooner, than its days. */
  private isOneOf(days: number[]): string {
    const stretches = merged(days.map((day) => ({ from: day, to: day + DAY_MS })));
    if (stretches.length > FEW) return `known.day = ANY(${this.parameters.times(days)})`;
    const conditions = stretches.map((stretch) => this.parameters.within('known.day', stretch));
    return conditions.join(' OR ') || 'false';
  }
}
