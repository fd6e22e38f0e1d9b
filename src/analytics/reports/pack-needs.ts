import type { Dimension } from '../analytics.types.js';
import { type PackPart, PLACE_OF_DIMENSION } from '../pack-layout.js';
import { type Cuts, cutsOf, type ReportPlan, type Windows } from './report-plan.js';
import type { ReportSelection } from './reports.types.js';
import { daysOf } from './time-cover.js';

/** Of which days a part of packs is needed. */
export interface Need {
  days: number[];
  /** Only of packs whose clicks are not folded. */
  unlessFolded: number[];
}

/**
 * What a report needs of packs. Folded clicks tell what the clicks of a whole day are like, and what is
 * kept of links how many clicks each has, all or with a value. Only the clicks themselves tell when they
 * were within the day, and of which links those are that pass several filters.
 */
export class PackNeeds {
  /** All days of which packs are needed. */
  readonly days: number[];
  private readonly cuts: Cuts;
  private readonly ofFilters: ReadonlySet<PackPart>;
  private readonly ofValues: ReadonlySet<PackPart>;

  constructor(
    private readonly plan: ReportPlan,
    { starts, filters }: ReportSelection,
    private readonly windows: Windows,
  ) {
    this.days = daysOf([...windows.totals, ...windows.values, ...windows.links]);
    this.cuts = cutsOf(windows, starts);
    this.ofFilters = columnsOf(filters.map(({ dimension }) => dimension));
    this.ofValues = columnsOf(plan.dimensions);
  }

  of(part: PackPart): Need {
    const { edges, cut } = this.cuts;
    if (part === 'quarter') return { days: [...cut], unlessFolded: [] };
    if (part === 'folded') return { days: this.foldedDays(), unlessFolded: [] };
    if (part === 'link') return this.ofLinks();
    if (part === 'kind' || this.ofFilters.has(part)) return this.ofPickedClicks();
    const days = daysOf(this.windows.values);
    if (this.plan.isTagged) return { days, unlessFolded: [] };
    return { days: days.filter((day) => edges.has(day)), unlessFolded: days };
  }

  /** Of a tag no part but the clicks tells what they are like. */
  private foldedDays(): number[] {
    const { edges, cut } = this.cuts;
    if (this.plan.isTagged || !this.asksWhatClicksAreLike) return [];
    return unionOf(
      daysOf(this.windows.values).filter((day) => !edges.has(day)),
      daysOf(this.windows.totals).filter((day) => !cut.has(day)),
    );
  }

  private ofLinks(): Need {
    const { linkFilter } = this.plan;
    if (!linkFilter || linkFilter.only.length === 0) return { days: this.days, unlessFolded: [] };
    return { days: [...this.cuts.edges], unlessFolded: daysOf(this.windows.links) };
  }

  /** Of columns that decide which clicks count, and as what. */
  private ofPickedClicks(): Need {
    const { isTagged, linkFilter } = this.plan;
    const links = daysOf(this.windows.links);
    const isOneByOne = isTagged
      ? this.asksWhatClicksAreLike
      : this.ofFilters.size > 0 && links.length > 0 && !linkFilter;
    if (isOneByOne) return { days: this.days, unlessFolded: [] };
    const unlessFolded = linkFilter ? unionOf(this.foldedDays(), links) : this.foldedDays();
    return { days: [...this.cuts.cut], unlessFolded };
  }

  private get asksWhatClicksAreLike(): boolean {
    return this.ofFilters.size + this.ofValues.size > 0;
  }
}

const columnsOf = (dimensions: Dimension[]): Set<PackPart> =>
  new Set(dimensions.map((dimension) => PLACE_OF_DIMENSION[dimension].column));

const unionOf = (...lists: number[][]): number[] => [...new Set(lists.flat())];
