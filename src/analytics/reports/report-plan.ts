import { type Filter, isDimension, type ReportSelection, type TimeRange } from './reports.types.js';
import { DAY_MS, startOfDay, type Dimension, type Owner } from '../analytics.types.js';
import { coverRange, merged, type TimeCover } from './time-cover.js';

/** Of which times single clicks are counted, for what. */
export interface Windows {
  totals: TimeRange[];
  values: TimeRange[];
  links: TimeRange[];
}

/**
 * Where the numbers of a report come from. The sum of a whole day is in the row of the day. What it
 * does not tell is taken from rollups, for days that have them, and else from packs or, for quiet
 * days of links, from the clicks.
 */
export interface ReportPlan {
  owner: Owner;
  dimensions: Dimension[];
  /** Whether the rollups tell it, of the days that have them. */
  usesRollups: boolean;
  /** The only filter, if rollups are used. */
  filter: Filter | undefined;
  /** Whether days without rollups are counted click by click from end to end. */
  isDetailed: boolean;
  /** The buckets that sums and rollups are taken from. */
  totals: TimeCover;
  values: TimeCover;
  /** What is left to be counted click by click, of days that have rollups, and of those without. */
  rolledUp: Windows;
  others: Windows;
}

const NOTHING: Windows = { totals: [], values: [], links: [] };

export function planReport({
  scope,
  range,
  starts,
  groupBy,
  filters,
}: ReportSelection): ReportPlan {
  const owner = 'workspaceId' in scope ? 'workspace' : 'link';
  const dimensions = groupBy.filter(isDimension);
  const isTagged = 'workspaceId' in scope && scope.tag !== undefined;
  const byLink = owner === 'workspace' && dimensions.length < groupBy.length;
  const [filter] = filters;
  // No sum can tell how the values of two dimensions go together.
  const usesRollups =
    !isTagged &&
    filters.length <= 1 &&
    (!filter || dimensions.every((name) => name === filter.dimension));
  const isDetailed = isTagged || byLink || filters.length > 0 || dimensions.length > 0;
  const totals = coverRange(range, starts);
  const values = coverRange(range);
  const all: Windows = {
    totals: [range],
    values: dimensions.length > 0 ? [range] : [],
    links: byLink ? [range] : [],
  };
  return {
    owner,
    dimensions,
    usesRollups,
    filter,
    isDetailed,
    totals,
    values,
    others: isDetailed ? all : { ...NOTHING, totals: merged(totals.hours, totals.quarters) },
    rolledUp: usesRollups
      ? {
          // Values are not counted by the quarter of an hour.
          totals: filter ? totals.quarters : [],
          values: dimensions.length > 0 ? values.quarters : [],
          links: all.links,
        }
      : all,
  };
}

/**
 * The days of which a part counts, or of which parts count for different buckets: what is counted
 * there depends on the time of the day.
 */
export function cutDays({ totals, values, links }: Windows, starts: number[]): number[] {
  const edges = [totals, values, links].flat().flatMap(({ from, to }) => [from, to]);
  const cuts = starts.filter((start) => totals.some(({ from, to }) => start > from && start < to));
  const points = [...edges, ...cuts].filter((point) => point % DAY_MS !== 0);
  return [...new Set(points.map(startOfDay))];
}
