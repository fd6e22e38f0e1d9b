import { PACK_PARTS, type PackPart } from '../pack-layout.js';
import { cutsOf, type ReportPlan, type Windows } from './report-plan.js';
import type { ReportSelection } from './reports.types.js';
import type { PackHead } from './stored-pack.js';
import { daysOf } from './time-cover.js';

/** What decides about it besides the plan. */
type NeedsSelection = Pick<ReportSelection, 'starts' | 'filters'>;

/**
 * Of which days a report needs the parts of packs. Rows tell what the clicks of a whole day are like, and
 * links how many clicks each has. When within the day, or on which link, clicks of a row were is told in
 * the order of rows; of some links only, it is told in the order of links what their clicks are like.
 */
export class PackNeeds {
  /** All days of which packs are needed. */
  readonly days: number[];
  private readonly byPart: Record<PackPart, number[]>;

  constructor(
    { isTagged }: ReportPlan,
    { starts, filters }: NeedsSelection,
    { totals, values, links }: Windows,
  ) {
    const { edges, cut } = cutsOf({ totals, values, links }, starts);
    const hasFilters = filters.length > 0;
    const ofLinks = daysOf(links);
    /** Of which it is asked what clicks are like, or when on the day they were. */
    const ofRows = unionOf([...cut], daysOf(values), hasFilters ? daysOf(totals) : []);
    /** Of which some clicks of each link count. */
    const ofLinksByRow = hasFilters ? ofLinks : ofLinks.filter((day) => edges.has(day));
    this.days = daysOf([...totals, ...values, ...links]);
    this.byPart = {
      rows: unionOf(ofRows, ofLinksByRow),
      row_quarters: isTagged ? ofLinksByRow.filter((day) => edges.has(day)) : [...cut],
      row_links: ofLinksByRow,
      links: isTagged ? this.days : ofLinks,
      link_quarters: isTagged ? [...cut] : [],
      link_rows: isTagged ? ofRows : [],
    };
  }

  of(part: PackPart): number[] {
    return this.byPart[part];
  }
}

/** Which parts are needed of a pack. */
export function partsNeeded(
  plan: ReportPlan,
  selection: NeedsSelection,
): (head: Pick<PackHead, 'day' | 'isRolledUp'>) => PackPart[] {
  const [rolledUp, others] = [plan.rolledUp, plan.others].map((windows) => {
    const needs = new PackNeeds(plan, selection, windows);
    return PACK_PARTS[plan.owner].map((part) => ({ part, days: new Set(needs.of(part)) }));
  });
  return ({ day, isRolledUp }) =>
    (isRolledUp ? rolledUp! : others!).flatMap(({ part, days }) => (days.has(day) ? [part] : []));
}

const unionOf = (...lists: number[][]): number[] => [...new Set(lists.flat())];
