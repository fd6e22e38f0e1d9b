import { DAY_MS, type Dimension } from '../analytics.types.js';
import { type PackPart, PLACE_OF_DIMENSION, UNKNOWN_VALUE } from '../pack-layout.js';
import { scopeCondition, type SqlParameters } from './report-conditions.js';
import { cutsOf, type ReportPlan, type Windows } from './report-plan.js';
import { unionOf } from './report-source.js';
import { listedValues } from './filter.js';
import type { Filter, ReportSelection } from './reports.types.js';
import { daysOf, merged } from './time-cover.js';

/** Packs of a level go at once, when they become one of the next; so do all of a day that gets rollups. */
const GROUP = '2 * level + is_rolled_up::integer';
const ALWAYS = 'true';
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
        const days = daysOfWindows(windows);
        if (days.length === 0) return '';
        const needs = this.needsOf(windows);
        const selected = parts.map((part) => {
          const condition = needs(part);
          if (condition === ALWAYS) return `pack.${part}`;
          return `CASE WHEN ${condition} THEN pack.${part} END AS ${part}`;
        });
        return `SELECT pack.id::text, ${GROUP}, known.${this.ownerId}::text AS owner,
            (extract(epoch FROM known.day) * 1000)::float8 AS day, is_rolled_up,
            pack.clicks, pack.folded IS NOT NULL, ${selected.join(', ')}
          FROM ${this.packsOf(days, isRolledUp, { ids })}`;
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
        const days = daysOfWindows(isRolledUp ? rolledUp : others);
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

  /**
   * When a part of a pack is needed, as a condition. Folded clicks tell what clicks of a whole day are
   * like, and what is kept of links how many each had. Only the clicks themselves tell when they were
   * within the day, and of which links those are that pass several filters.
   */
  private needsOf(windows: Windows): (part: PackPart) => string {
    const { starts, filters } = this.selection;
    const { dimensions, isTagged, linkFilter } = this.plan;
    const [ofFilters, ofValues] = [
      columnsOf(filters),
      columnsOf(dimensions.map((dimension) => ({ dimension }))),
    ];
    const { edges, cut } = cutsOf(windows, starts);
    const valueDays = daysOf(windows.values);
    const wholeValueDays = valueDays.filter((day) => !edges.has(day));
    const wholeDays = daysOf(windows.totals).filter((day) => !cut.has(day));
    const isFoldable = !isTagged && ofFilters.size + ofValues.size > 0;
    const foldedDays = isFoldable ? [...new Set([...wholeValueDays, ...wholeDays])] : [];
    const countedDays = linkFilter
      ? [...new Set([...foldedDays, ...daysOf(windows.links)])]
      : foldedDays;
    const isPicked = isTagged
      ? ofFilters.size + ofValues.size > 0
      : ofFilters.size > 0 && windows.links.length > 0 && !linkFilter;
    return (part) => {
      if (part === 'quarter') return this.isOneOf([...cut]);
      if (part === 'folded') return this.isOneOf(foldedDays);
      if (part === 'link')
        return linkFilter && linkFilter.only.length > 0
          ? this.isRaw([...edges], daysOf(windows.links))
          : ALWAYS;
      const isOfEach = part === 'kind' || ofFilters.has(part);
      if (isPicked && (isOfEach || isTagged)) return ALWAYS;
      if (isOfEach) return this.isRaw([...cut], countedDays);
      return this.isRaw(
        valueDays.filter((day) => edges.has(day)),
        valueDays,
      );
    };
  }

  /** Whether the clicks themselves are needed: of those days, and of these if they are not folded. */
  private isRaw(days: number[], unlessFolded: number[]): string {
    return `${this.isOneOf(days)} OR (${this.isOneOf(unlessFolded)}) AND pack.folded IS NULL`;
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

const columnsOf = (those: { dimension: Dimension }[]): Set<PackPart> =>
  new Set(those.map(({ dimension }) => PLACE_OF_DIMENSION[dimension].column));
