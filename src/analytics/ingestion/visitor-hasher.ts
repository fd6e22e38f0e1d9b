import { createHmac } from 'node:crypto';
import { DAY_MS } from '../analytics.types.js';
import type { ClickRecord } from '../common/spool-format.js';
import type { Click } from './ingestion.types.js';

const VISITOR_HEX_DIGITS = 32;

/** The salts of the days, by `dayOf`. */
export type Salts = ReadonlyMap<string, Buffer>;

/** Most clicks are of one day, and dates are slow to write. */
let latest = { number: -1, name: '' };

/** The day in UTC, as `2026-12-31`. */
export function dayOf(time: number): string {
  const number = Math.floor(time / DAY_MS);
  if (latest.number !== number)
    latest = { number, name: new Date(time).toISOString().slice(0, 10) };
  return latest.name;
}

/**
 * Who clicked, for one day: with the salt of the day gone nobody can tell whether an address was
 * there, nor recognise a visitor on another day.
 */
export function visitorOf(record: ClickRecord, salts: Salts): string {
  const salt = salts.get(dayOf(record.clickedAt))!;
  return createHmac('sha256', salt)
    .update(`${record.address}\0${record.userAgent}`)
    .digest('hex')
    .slice(0, VISITOR_HEX_DIGITS);
}

/** Identifies a visitor of a link on a day, in the form that PostgreSQL makes of its columns. */
export const visitorKey = ({ linkId, clickedAt, visitor }: Click): string =>
  `${linkId}${dayOf(clickedAt)}${visitor}`;
