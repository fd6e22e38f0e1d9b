/** What clicks can be grouped and filtered by. */
export const DIMENSIONS = [
  'country',
  'referrer',
  'browser',
  'os',
  'device',
  'language',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'target',
  'qr',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** The columns of the table `clicks` that hold the dimensions. */
export const CLICK_COLUMNS: Record<Dimension, string> = {
  country: 'country',
  referrer: 'referrer_host',
  browser: 'browser',
  os: 'os',
  device: 'device',
  language: 'language',
  utm_source: 'utm_source',
  utm_medium: 'utm_medium',
  utm_campaign: 'utm_campaign',
  target: 'target',
  qr: 'qr',
};

/** The known values of a click. */
export type DimensionValues = Partial<Record<Dimension, string>>;

/** Whose clicks are counted together: those of a link, or of all links of a workspace. */
export type Owner = 'link' | 'workspace';

/** A day of a link or a workspace. */
export interface OwnerDay {
  ownerId: string;
  /** Start of the day in UTC; Unix milliseconds. */
  day: number;
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

/** Points in time, in Unix milliseconds; `to` is exclusive. */
export interface TimeRange {
  from: number;
  to: number;
}

/** Which values of a dimension are wanted, and which not; null is "unknown". */
export interface Filter {
  dimension: Dimension;
  /** Any, if empty. */
  only: (string | null)[];
  not: (string | null)[];
}

export const QUARTER_MS = 15 * 60_000;
export const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;

/** The start of the UTC day; Unix milliseconds. */
export const startOfDay = (time: number): number => time - (time % DAY_MS);

/**
 * A day of a link with more clicks than this is kept in blocks, too. For the many days of the many
 * links with fewer, reading the clicks is cheap. All days of workspaces have blocks.
 */
export const MOST_CLICKS_WITHOUT_BLOCKS = 25;

/**
 * So many values of a dimension are kept of a day in a block, and twice as many combinations of those
 * that share a column. Visitors choose most of their values freely (campaign, referrer, language, even
 * the name of their browser): with a new one on every click, each would be stored for ever, and added
 * up by every report. The rest is one value, OTHER_VALUES; the clicks themselves keep theirs.
 *
 * Each block keeps what is most frequent among its own clicks, and so does the block that others are
 * merged into. A report may therefore show fewer clicks of a rare value than there were; the sum of
 * all values is always right.
 */
export const MOST_VALUES: Record<Owner, number> = { link: 1_000, workspace: 4_000 };

/**
 * What rare values are replaced by. It is a control character, which the enricher takes out of all
 * that visitors send and no filter of a request may have, so nobody's own value is mistaken for it.
 */
export const OTHER_VALUES = '\u0001';
