import type { TimeRange } from '../analytics.types.js';
import type { BlockQuery } from '../blocks/blocks.types.js';
import { splitDays } from '../common/time-ranges.js';
import type { ReportSelection } from './reports.types.js';

/** Where the numbers of a report come from. */
export interface ReportPlan {
  /** Whole days of which the row of the day has the totals. */
  days: TimeRange[];
  /** What is counted from blocks and, for days of links with few clicks, from the clicks. */
  query: BlockQuery;
}

/**
 * The row of a day knows its totals, and nothing of values, links or what passes a filter.
 * @param links the numbers of those that count, ascending; all, if undefined
 */
export function planReport(
  { scope, range, starts, groupBy: dimensions, filters }: ReportSelection,
  links?: Uint32Array,
): ReportPlan {
  const isOfWorkspace = 'workspaceId' in scope;
  // A link needs nothing but totals if they are not grouped; of a workspace the links are counted, too.
  const hasRows = filters.length === 0 && (isOfWorkspace ? !links : dimensions.length === 0);
  const { days, rest } = splitDays(range, starts);
  const totals = hasRows ? rest : [range];
  return {
    days: hasRows ? days : [],
    query: {
      owner: isOfWorkspace ? 'workspace' : 'link',
      ownerIds: isOfWorkspace ? [scope.workspaceId] : scope.linkIds,
      times: isOfWorkspace ? [range] : totals,
      totals,
      starts,
      filters,
      dimensions,
      links,
    },
  };
}
