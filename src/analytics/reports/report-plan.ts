import type { Filter, ReportSelection, TimeRange } from './reports.types.js';
import { DAY_MS, startOfDay, type Dimension, type Owner } from '../analytics.types.js';
import { coverRange, merged, type TimeCover } from './time-cover.js';

/** Of which times packs, or the clicks, are counted, for what. */
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
  /** Whether only links with a tag count. */
  isTagged: boolean;
  dimensions: Dimension[];
  /** Whether rollups tell it, of the days that have them. */
  usesRollups: boolean;
  /** The only filter, if rollups are used. */
  filter: Filter | undefined;
  /** Whether days without rollups are counted from packs, or the clicks, from end to end. */
  isDetailed: boolean;
  /** The buckets that sums and rollups are taken from. */
  totals: TimeCover;
  values: TimeCover;
  /** What is left to be counted from packs, or the clicks: of days that have rollups, and of those without. */
  rolledUp: Windows;
  others: Windows;
}

const NOTHING: Windows = { totals: [], values: [], links: [] };

export function planReport({
  scope,
  range,
  starts,
  groupBy: dimensions,
  filters,
}: ReportSelection): ReportPlan {
  // The links of a workspace are counted, too.
  const isOfWorkspace = 'workspaceId' in scope;
  const isTagged = isOfWorkspace && scope.tag !== undefined;
  const [filter] = filters;
  // No sum can tell how the values of two dimensions go together. Where packs are counted for links that
  // pass a filter, all else is counted in less time than it takes to read rollups.
  const isOfOne = !isOfWorkspace && dimensions.every((name) => name === filter?.dimension);
  const usesRollups = !isTagged && (filters.length === 0 || (filters.length === 1 && isOfOne));
  const isDetailed = isOfWorkspace || filters.length > 0 || dimensions.length > 0;
  const totals = coverRange(range, starts);
  const values = coverRange(range);
  const all: Windows = {
    totals: [range],
    values: dimensions.length > 0 ? [range] : [],
    links: isOfWorkspace ? [range] : [],
  };
  return {
    owner: isOfWorkspace ? 'workspace' : 'link',
    isTagged,
    dimensions,
    usesRollups,
    filter,
    isDetailed,
    totals,
    values,
    others: isDetailed ? all : { ...NOTHING, totals: merged(totals.hours, totals.quarters) },
    rolledUp: {
      // Values are not counted by the quarter of an hour.
      totals: !usesRollups ? all.totals : filter ? totals.quarters : [],
      values: usesRollups && dimensions.length > 0 ? values.quarters : all.values,
      links: all.links,
    },
  };
}

/** Days on which it depends on the time of the day what is counted. */
export interface Cuts {
  /** Only a part of them counts: those with the edges of the range. */
  edges: ReadonlySet<number>;
  /** Those, and the ones whose parts count for different buckets. */
  cut: ReadonlySet<number>;
}

export function cutsOf({ totals, values, links }: Windows, starts: number[]): Cuts {
  const inner = starts.filter((start) => totals.some(({ from, to }) => start > from && start < to));
  const edges = daysCutBy([...values, ...links].flatMap(({ from, to }) => [from, to]));
  const ofTotals = daysCutBy([...totals.flatMap(({ from, to }) => [from, to]), ...inner]);
  return { edges: new Set(edges), cut: new Set([...edges, ...ofTotals]) };
}

const daysCutBy = (points: number[]): number[] =>
  points.filter((point) => point % DAY_MS !== 0).map(startOfDay);
