import type { Counts } from '../analytics.types.js';
import type { BlockClick, BlockDay } from '../blocks/blocks.types.js';

/** A click as it is stored: all that is known of it, and nothing that identifies a person. */
export interface Click extends BlockClick {
  id: string;
  linkId: string;
  /** Not reversible, and different every day; hexadecimal. */
  visitor: string;
}

/** A day, with all its clicks; of links it may have no blocks yet. */
export interface DayState extends BlockDay {
  clicks: number;
}

export interface LinkTotal extends Counts {
  linkId: string;
  /** Unix milliseconds. */
  lastClickedAt: number;
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
