import type {
  Dimension,
  DimensionValues,
  Filter,
  Owner,
  OwnerDay,
  TimeRange,
} from '../analytics.types.js';

/** What blocks keep of a click. */
export interface BlockClick {
  /** Unix milliseconds; kept by the quarter of an hour. */
  clickedAt: number;
  isBot: boolean;
  /** Whether it is the first click of this visitor on this link and day; never a bot's. */
  isNewVisitor: boolean;
  dimensions: DimensionValues;
  /** Must be there in blocks of workspaces. */
  linkNumber?: number;
}

/** Clicks of an owner on a day. */
export interface DayOfClicks extends OwnerDay {
  clicks: BlockClick[];
}

/** A day, and how many blocks were ever written for it. */
export interface BlockDay extends OwnerDay {
  blocks: number;
}

/** What is to be counted. */
export interface BlockQuery {
  owner: Owner;
  /** Of links, or of the one workspace. */
  ownerIds: string[];
  /** Which times count, in whole quarters of an hour. */
  times: TimeRange[];
  /** For which of them totals are counted; for all of them values and links are. */
  totals: TimeRange[];
  /** The beginnings of the buckets of totals, ascending. */
  starts: number[];
  filters: Filter[];
  /** Those whose values are counted. */
  dimensions: Dimension[];
  /** The numbers of the links that count, ascending; all, if undefined. */
  links?: Uint32Array;
}
