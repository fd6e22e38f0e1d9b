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

/** The rollup rows that count every click of a link, in buckets of 15 minutes. */
export const ALL_CLICKS = '';

/** Every time zone in use is a multiple of 15 minutes off UTC, so days of all zones can be summed. */
export const SERIES_BUCKET_MS = 15 * 60 * 1000;
export const DIMENSION_BUCKET_MS = 60 * 60 * 1000;

/** A click as it is stored: all that is known of it, and nothing that identifies a person. */
export interface Click {
  id: string;
  linkId: string;
  /** Unix milliseconds. */
  clickedAt: number;
  isBot: boolean;
  /** Not reversible, and different every day. */
  visitor: Buffer;
  /** The values that are known. */
  dimensions: Partial<Record<Dimension, string>>;
}

/** What the ingester has done since it started; it is posted to the main thread. */
export interface IngestionProgress {
  clicks: number;
  segments: number;
  corruptRecords: number;
  foreignFiles: number;
  /** Segments that wait, of all writers. */
  waitingSegments: number;
  waitingBytes: number;
  /** Age of the oldest click that waits. */
  lagMs: number;
  isIngester: boolean;
  lastError?: string;
}
