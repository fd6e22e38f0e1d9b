import { createHmac } from 'node:crypto';
import type { ClickRecord } from '../recording/spool.types.js';

const VISITOR_BYTES = 16;

/** The salts of the days, by `dayOf`. */
export type Salts = ReadonlyMap<string, Buffer>;

/** The day in UTC, as `2026-12-31`. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/**
 * Who clicked, for one day: with the salt of the day gone nobody can tell whether an address was
 * there, nor recognise a visitor on another day.
 */
export function visitorOf(record: ClickRecord, salts: Salts): Buffer {
  const salt = salts.get(dayOf(record.clickedAt))!;
  return createHmac('sha256', salt)
    .update(`${record.address}\0${record.userAgent}`)
    .digest()
    .subarray(0, VISITOR_BYTES);
}
