import {
  ALL_CLICKS,
  ALL_CLICKS_MINUTES,
  DAY_MS,
  DIMENSION_MINUTES,
  DIMENSIONS,
  HOUR_MS,
  MINUTE_MS,
  QUARTER_MS,
} from '../analytics.types.js';
import type { Click, Counts, LinkDay, LinkTotal, Rollup } from './ingestion.types.js';

/** The start of the UTC day; Unix milliseconds. */
export const startOfDay = (time: number): number => time - (time % DAY_MS);

/** Identifies a day of a link. */
export const linkDayKey = (linkId: string, day: number): string => `${linkId} ${day}`;

export function countLinkDays(clicks: Click[]): LinkDay[] {
  const days = new Map<string, LinkDay>();
  for (const click of clicks) {
    const day = startOfDay(click.clickedAt);
    const key = linkDayKey(click.linkId, day);
    let row = days.get(key);
    if (!row) days.set(key, (row = { linkId: click.linkId, day, ...ZERO }));
    add(row, click);
  }
  return sortedValues(days);
}

export function countLinks(clicks: Click[]): LinkTotal[] {
  const totals = new Map<string, LinkTotal>();
  for (const click of clicks) {
    let row = totals.get(click.linkId);
    if (!row) totals.set(click.linkId, (row = { linkId: click.linkId, lastClickedAt: 0, ...ZERO }));
    row.lastClickedAt = Math.max(row.lastClickedAt, click.clickedAt);
    add(row, click);
  }
  return sortedValues(totals);
}

/**
 * The rollups that these clicks add to, of whatever owns them: links or workspaces.
 * @param ownerOf undefined for a click that is not rolled up
 */
export function rollUp(clicks: Click[], ownerOf: (click: Click) => string | undefined): Rollup[] {
  const finest = new Map<string, Rollup>();
  for (const click of clicks) {
    const ownerId = ownerOf(click);
    if (ownerId === undefined) continue;
    const quarter = click.clickedAt - (click.clickedAt % QUARTER_MS);
    const hour = click.clickedAt - (click.clickedAt % HOUR_MS);
    count(finest, ownerId, ALL_CLICKS, 15, quarter, '', click);
    for (const dimension of DIMENSIONS) {
      const value = click.dimensions[dimension];
      if (value !== undefined) count(finest, ownerId, dimension, 60, hour, value, click);
    }
  }
  return sortedValues(coarsened(finest));
}

function count(
  rows: Map<string, Rollup>,
  ownerId: string,
  dimension: string,
  minutes: number,
  bucket: number,
  value: string,
  click: Click,
): void {
  const key = `${ownerId} ${dimension} ${minutes} ${bucket} ${value}`;
  let row = rows.get(key);
  if (!row) rows.set(key, (row = { ownerId, dimension, minutes, bucket, value, ...ZERO }));
  add(row, click);
}

/** Adds the longer buckets, which are sums of the shortest ones. */
function coarsened(finest: Map<string, Rollup>): Map<string, Rollup> {
  const rows = new Map(finest);
  for (const row of finest.values()) {
    const lengths = row.dimension === ALL_CLICKS ? ALL_CLICKS_MINUTES : DIMENSION_MINUTES;
    for (const minutes of lengths.slice(1)) {
      const bucket = row.bucket - (row.bucket % (minutes * MINUTE_MS));
      const key = `${row.ownerId} ${row.dimension} ${minutes} ${bucket} ${row.value}`;
      const sum = rows.get(key);
      if (!sum) {
        rows.set(key, { ...row, minutes, bucket });
        continue;
      }
      sum.clicks += row.clicks;
      sum.bots += row.bots;
      sum.visitors += row.visitors;
    }
  }
  return rows;
}

const ZERO: Counts = { clicks: 0, bots: 0, visitors: 0 };

/** A visitor is counted with their first click of the day, so that visitors add up like clicks. */
function add(row: Counts, click: Click): void {
  row.clicks += 1;
  if (click.isBot) row.bots += 1;
  if (click.isNewVisitor) row.visitors += 1;
}

/** In one order everywhere: ingesters that update the same rows then wait, but never deadlock. */
const sortedValues = <T>(rows: Map<string, T>): T[] =>
  [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
