import type { Dimension } from '../analytics.types.js';

export const INTERVALS = ['hour', 'day', 'week', 'month'] as const;
export type Interval = (typeof INTERVALS)[number];

/** Points in time, in Unix milliseconds; `to` is exclusive. */
export interface TimeRange {
  from: number;
  to: number;
}

/** Which time a report is about, as it was asked for: times, dates or nothing. */
export interface Period {
  from?: string;
  to?: string;
  interval: Interval;
  timezone: string;
}

/**
 * `visitors` are people by address and browser, exact per link and UTC day: each is counted with
 * their first click of the day, bots aside, so that visitors can be summed like clicks.
 */
export interface Counts {
  clicks: number;
  humans: number;
  bots: number;
  visitors: number;
}

/** Which values of a dimension are wanted, and which not; null is "unknown". */
export interface Filter {
  dimension: Dimension;
  /** Any, if empty. */
  only: (string | null)[];
  not: (string | null)[];
}

export interface StatsQuery extends Period {
  groupBy: Dimension[];
  /** How many values of each dimension; the rest is summed. */
  limit: number;
  filters: Filter[];
}

export interface Bucket extends Counts {
  /** RFC 3339, with the offset of the time zone. */
  start: string;
}

export interface BreakdownRow extends Counts {
  dimension: Dimension;
  /** null: unknown. */
  value: string | null;
  /** Whether this row sums up all values that have no row of their own. */
  other: boolean;
}

export interface Report {
  from: string;
  to: string;
  interval: Interval;
  timezone: string;
  totals: Counts;
  series: Bucket[];
  breakdown: BreakdownRow[];
}

export interface LinkReport extends Report {
  linkId: string;
}
