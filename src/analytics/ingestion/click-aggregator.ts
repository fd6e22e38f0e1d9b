import {
  ALL_CLICKS,
  DIMENSION_BUCKET_MS,
  DIMENSIONS,
  SERIES_BUCKET_MS,
} from '../analytics.types.js';
import type { Click } from './ingestion.types.js';
import { dayOf } from './visitor-hasher.js';

export interface Counts {
  clicks: number;
  bots: number;
  visitors: number;
}

export interface RollupRow extends Counts {
  linkId: string;
  dimension: string;
  /** Start of the bucket; Unix milliseconds. */
  bucket: number;
  value: string;
}

export interface TotalRow extends Counts {
  linkId: string;
  lastClickedAt: number;
}

/** Identifies a visitor of a link on a day. */
export const visitorKey = (click: Click): string =>
  `${click.linkId} ${dayOf(click.clickedAt)} ${click.visitor.toString('hex')}`;

/**
 * The rows that these clicks add to. A visitor is counted with their first click of the day, so
 * that visitors can be summed over the buckets of a day like clicks; the click is marked.
 * @param newVisitors the keys of visitors that are new on their day
 */
export function aggregate(
  clicks: Click[],
  newVisitors: Set<string>,
): { rollups: RollupRow[]; totals: TotalRow[] } {
  const rollups = new Map<string, RollupRow>();
  const totals = new Map<string, TotalRow>();
  const unseen = new Set(newVisitors);
  for (const click of clicks) {
    const isNew = !click.isBot && unseen.delete(visitorKey(click));
    click.isNewVisitor = isNew;
    const { linkId } = click;
    const count = (dimension: string, bucketMs: number, value: string): void => {
      const bucket = click.clickedAt - (click.clickedAt % bucketMs);
      const key = `${linkId} ${dimension} ${bucket} ${value}`;
      const row = rollups.get(key) ?? { linkId, dimension, bucket, value, ...ZERO };
      rollups.set(key, add(row, click.isBot, isNew));
    };
    count(ALL_CLICKS, SERIES_BUCKET_MS, '');
    for (const dimension of DIMENSIONS) {
      const value = click.dimensions[dimension];
      if (value !== undefined) count(dimension, DIMENSION_BUCKET_MS, value);
    }
    const total = totals.get(linkId) ?? { linkId, lastClickedAt: 0, ...ZERO };
    total.lastClickedAt = Math.max(total.lastClickedAt, click.clickedAt);
    totals.set(linkId, add(total, click.isBot, isNew));
  }
  return { rollups: sortedValues(rollups), totals: sortedValues(totals) };
}

const ZERO: Counts = { clicks: 0, bots: 0, visitors: 0 };

function add<T extends Counts>(row: T, isBot: boolean, isNewVisitor: boolean): T {
  row.clicks += 1;
  if (isBot) row.bots += 1;
  if (isNewVisitor) row.visitors += 1;
  return row;
}

/** In one order everywhere: ingesters that update the same rows then wait, but never deadlock. */
const sortedValues = <T>(rows: Map<string, T>): T[] =>
  [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
