import type { Dimension } from '../analytics.types.js';

/** A click as it is stored: all that is known of it, and nothing that identifies a person. */
export interface Click {
  id: string;
  linkId: string;
  /** Of a link that exists. */
  linkNumber?: number;
  /** Unix milliseconds. */
  clickedAt: number;
  isBot: boolean;
  /** Whether it is the first click of this visitor on this link and day; never a bot's. */
  isNewVisitor: boolean;
  /** Not reversible, and different every day; hexadecimal. */
  visitor: string;
  /** The values that are known. */
  dimensions: Partial<Record<Dimension, string>>;
}

export interface Counts {
  clicks: number;
  bots: number;
  visitors: number;
}

/** What is counted of a click. */
export type CountedClick = Omit<Click, 'id' | 'linkId' | 'visitor'>;

/** A day of a link or a workspace. */
export interface OwnerDay {
  ownerId: string;
  /** Start of the day in UTC; Unix milliseconds. */
  day: number;
}

/** A stretch of time: Unix milliseconds, the end not included. */
export interface TimeStretch {
  from: number;
  to: number;
}

/** What is known of a day. */
export interface DayState extends OwnerDay {
  clicks: number;
  /** How many packs were written for it; none yet if 0. */
  packs: number;
  isRolledUp: boolean;
  /** Whether it was found to have too many values for rollups; it gets none again. */
  hasManyValues: boolean;
}

export interface LinkTotal extends Counts {
  linkId: string;
  /** Unix milliseconds. */
  lastClickedAt: number;
}

/** A row of the rollups of a link or a workspace. */
export interface Rollup extends Counts {
  ownerId: string;
  dimension: string;
  /** Length of the bucket. */
  minutes: number;
  /** Start of the bucket; Unix milliseconds. */
  bucket: number;
  value: string;
}

/** What the ingester has done since it started; it is posted to the main thread. */
export interface IngestionProgress {
  clicks: number;
  segments: number;
  /** Of which the database refuses clicks. */
  rejectedSegments: number;
  /** Clicks that are kept aside because the database refuses them, or perhaps does. */
  refusedAside: number;
  /** Damaged records that are kept aside. */
  corruptAside: number;
  /** What the database said when it refused some the last time. */
  refusal?: string;
  corruptRecords: number;
  foreignFiles: number;
  /** Kept segments that were put back into the spool, since the database did not know them. */
  replayedSegments: number;
  /** Whether kept segments are being offered again. */
  isReplaying: boolean;
  /** Size of the kept segments, compressed. */
  keptBytes: number;
  /** Since when ingested segments are kept; Unix milliseconds. Undefined if none are. */
  keptSince?: number;
  /** Why segments are not kept, or not offered again. */
  keepError?: string;
  /** Whether fewer are kept than SPOOL_KEEP_HOURS says: for lack of room, or because of `keepError`. */
  isKeepingLess: boolean;
  /** Segments that wait, of all writers. */
  waitingSegments: number;
  waitingBytes: number;
  /**
   * Since when the oldest click waits that is not in the database, those being worked on included; Unix
   * milliseconds. Undefined if none does.
   */
  waitingSince?: number;
  isIngester: boolean;
  /** When the spool was looked at for this report; Unix milliseconds. */
  lookedAt: number;
  lastError?: string;
}

/** How far the database is behind now, in milliseconds. */
export const lagMsOf = ({ waitingSince }: Pick<IngestionProgress, 'waitingSince'>): number =>
  waitingSince === undefined ? 0 : Math.max(0, Date.now() - waitingSince);
