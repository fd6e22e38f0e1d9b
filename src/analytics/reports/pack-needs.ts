import type { PackPart } from '../pack-layout.js';
import { cutsOf, type ReportPlan, type Windows } from './report-plan.js';
import type { ReportSelection } from './reports.types.js';
import { daysOf } from './time-cover.js';

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
    { starts, filters }: ReportSelection,
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

const unionOf = (...lists: number[][]): number[] => [...new Set(lists.flat())];
