import type { Counts, Dimension, Filter, TimeRange } from '../analytics.types.js';

export const INTERVALS = ['hour', 'day', 'week', 'month'] as const;
export type Interval = (typeof INTERVALS)[number];

/** Which time a report is about, as it was asked for: times, dates or nothing. */
export interface Period {
  from?: string;
  to?: string;
  interval: Interval;
  timezone: string;
}

export interface StatsQuery extends Period {
  groupBy: Dimension[];
  /** How many values of each dimension; the rest is summed. */
  limit: number;
  filters: Filter[];
}

export interface WorkspaceStatsQuery extends StatsQuery {
  /** Only links with this tag. */
  tag?: string;
}

/** Whose clicks: those of some links, or of all links of a workspace (those with a tag). */
export type Scope = { linkIds: string[] } | { workspaceId: string; tag?: string };

/** All that a report is read by, as points in time. */
export interface ReportSelection {
  scope: Scope;
  range: TimeRange;
  /** The beginnings of the buckets of the series. */
  starts: number[];
  groupBy: Dimension[];
  filters: Filter[];
  /** How many values of each group; those of dimensions beyond are summed. */
  limit: number;
}

/** Why it cannot be told how many visitors there were. */
export const VISITORS_UNKNOWN = ['varying-value', 'came-before'] as const;
export type VisitorsUnknown = (typeof VISITORS_UNKNOWN)[number];

/** Counts as they are told, where a number of visitors that may be wrong is none. */
export type Told<T extends Counts> = Omit<T, 'visitors'> & {
  visitors: number | null;
  /** Only if it is null. */
  visitorsUnknown?: VisitorsUnknown;
};
export type ToldCounts = Told<Counts>;

/** What a report adds up. */
export interface ReportNumbers {
  totals: ToldCounts;
  /** By the index of the start of the bucket; a bucket without clicks has no entry. */
  series: Map<number, ToldCounts>;
  breakdown: BreakdownRow[];
  /** Of a report on some links: those that have clicks. */
  links: LinkCounts[];
  /** Of one on a workspace: those that are not deleted, most clicks first. */
  topLinks: CountedLink[];
  tags: TagCounts[];
}

export type Bucket = ToldCounts & {
  /** RFC 3339, with the offset of the time zone. */
  start: string;
};

export type BreakdownRow<Row = ToldCounts> = Row & {
  dimension: Dimension;
  /** null: unknown. */
  value: string | null;
  /** Whether this row sums up all values that have no row of their own. */
  other: boolean;
};

export interface Report {
  from: string;
  to: string;
  interval: Interval;
  timezone: string;
  totals: ToldCounts;
  series: Bucket[];
  breakdown: BreakdownRow[];
}

export interface LinkReport extends Report {
  linkId: string;
}

export interface LinkCounts extends Counts {
  linkId: string;
}

export type CountedLink<Row = ToldCounts> = Row & {
  linkId: string;
  /** As links have it: empty for the default one. */
  domain: string;
  code: string;
  title: string | null;
};

export type TopLink = Omit<CountedLink, 'domain'> & { shortUrl: string };

export type TagCounts<Row = ToldCounts> = Row & { tag: string };

export interface WorkspaceReport extends Report {
  workspaceId: string;
  topLinks: TopLink[];
  tags: TagCounts[];
}

export interface LinkTotals extends LinkCounts {
  /** Of all time. */
  lastClickedAt: Date | null;
}

/** Which totals are wanted; of all time if it names neither `from` nor `to`. */
export interface LinkTotalsQuery extends Omit<Period, 'interval'> {
  linkIds: string[];
}

/** The totals of several links at once. */
export interface LinkTotalsReport {
  /** null: of all time. */
  from: string | null;
  to: string | null;
  items: LinkTotals[];
  /** The ids of which there is no link, or none of yours. */
  notFound: string[];
}

/** A click as it may be told: without anything by which a visitor could be recognised. */
export interface ClickEvent {
  id: string;
  clickedAt: Date;
  isBot: boolean;
  dimensions: Record<Dimension, string | null>;
}

export interface ClickEventQuery extends Omit<Period, 'interval'> {
  limit: number;
  cursor?: string;
}

export interface ClickEventPage {
  items: ClickEvent[];
  nextCursor: string | null;
}

/** Where a click is in the order of clicks. */
export interface ClickPosition {
  /** Unix milliseconds. */
  clickedAt: number;
  id: string;
}
