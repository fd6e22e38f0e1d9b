/** What a rollup can be grouped by. A click without a value of a dimension has no row there. */
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
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** The columns of the raw clicks that hold the dimensions. */
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
};

/** The rollup rows that count every click of a link, in buckets of 15 minutes. */
export const ALL_CLICKS = '';

/** Every time zone in use is a multiple of 15 minutes off UTC, so days of all zones can be summed. */
export const SERIES_BUCKET_MS = 15 * 60 * 1000;
export const DIMENSION_BUCKET_MS = 60 * 60 * 1000;
