import type { Counts, Dimension } from '../analytics.types.js';
import type { BreakdownRow, Bucket, Report } from './reports.types.js';

/** Why it cannot be told how many visitors there were. */
export const VISITORS_UNKNOWN = ['varying-value', 'came-before'] as const;
export type VisitorsUnknown = (typeof VISITORS_UNKNOWN)[number];

/** Counts as they are told, where a number of visitors that may be wrong is none. */
export type Told<T extends Counts> = Omit<T, 'visitors'> & {
  visitors: number | null;
  /** Only if it is null. */
  visitorsUnknown?: VisitorsUnknown;
};

/** A report of which everything can be told. */
export interface ToldReport extends Omit<Report, 'filteredBy' | 'totals' | 'series' | 'breakdown'> {
  totals: Told<Counts>;
  series: Told<Bucket>[];
  breakdown: Told<BreakdownRow>[];
}

/**
 * What follows from the address and the user agent, by which visitors are told apart: all clicks of a
 * visitor on a day have the same value, so the first of them stands for all.
 */
const SAME_ALL_DAY: ReadonlySet<Dimension> = new Set(['country', 'browser', 'os', 'device']);

/**
 * A visitor is counted with their first click of the day, and it may be another one that has the value
 * in question, or lies in the time. If every click of humans was a first one, there is no other.
 * @param dimensions of which the values were chosen
 */
export function toldVisitors<T extends Counts>(row: T, dimensions: Dimension[]): Told<T> {
  if (row.visitors === row.humans) return row;
  const isVarying = dimensions.some((name) => !SAME_ALL_DAY.has(name));
  if (isVarying) return { ...row, visitors: null, visitorsUnknown: 'varying-value' };
  if (row.visitors === 0) return { ...row, visitors: null, visitorsUnknown: 'came-before' };
  return row;
}

export function toldReport({
  from,
  to,
  interval,
  timezone,
  filteredBy,
  totals,
  series,
  breakdown,
}: Report): ToldReport {
  return {
    from,
    to,
    interval,
    timezone,
    totals: toldVisitors(totals, filteredBy),
    series: series.map((bucket) => toldVisitors(bucket, filteredBy)),
    breakdown: breakdown.map((row) => toldVisitors(row, [...filteredBy, row.dimension])),
  };
}
