import { isTimestamp } from '../../common/validation/is-timestamp.decorator.js';
import { QUARTER_MS, type TimeRange } from '../analytics.types.js';
import type { Interval, Period } from './reports.types.js';
import { TimeZone } from './time-zone.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DEFAULT_DAYS = 30;
const MAX_HOURS = 1_000;
const MAX_YEARS = 5;
/** Local time. RFC 3339 cannot say when the quarter of an hour after it begins. */
const LAST_QUARTER = Date.UTC(9999, 11, 31, 23, 45);
const UTC = TimeZone.find('UTC')!;

export const LIMITS = `at most ${MAX_HOURS.toLocaleString('en')} hours at interval hour, and ${MAX_YEARS} years at any other`;

/** Thrown with what the range must be. */
export class InvalidRange extends Error {}

/** Whether the text is a day that exists, such as 2026-12-31. */
const isDate = (text: string): boolean => isTimestamp(`${text}T00:00:00Z`);

export const isDateOrTimestamp = (text: string): boolean => isDate(text) || isTimestamp(text);

/**
 * Whether a period from one to the other is not empty. Without a time zone, a date and a time that are
 * less than a day apart are taken for one.
 */
export function isEarlier(from: string, to: string, zone: TimeZone | undefined): boolean {
  const start = parseTime(from, zone ?? UTC, 'start');
  const end = parseTime(to, zone ?? UTC, 'end');
  const isSure = zone !== undefined || isDate(from) === isDate(to);
  return start < (isSure ? end : end + DAY);
}

/**
 * The times that the period stands for. A date means the whole day, also as `to`; without any, it
 * is the last 30 days, today included. Clicks are counted in buckets of 15 minutes, so the range
 * is widened to whole ones, but not into the year 10000.
 * @throws InvalidRange
 */
export function resolveRange(
  period: Omit<Period, 'timezone'>,
  zone: TimeZone,
  now: number,
): TimeRange {
  const to = period.to === undefined ? zone.addDays(now, 1) : parseTime(period.to, zone, 'end');
  const from =
    period.from === undefined
      ? zone.addDays(to - 1, 1 - DEFAULT_DAYS)
      : parseTime(period.from, zone, 'start');
  if (from >= to) throw new InvalidRange('must be such that from is earlier than to');
  const max = period.interval === 'hour' ? MAX_HOURS * HOUR : (MAX_YEARS * 365 + 2) * DAY;
  if (to - from > max) throw new InvalidRange(`must be a range of ${LIMITS}`);
  const end = Math.min(Math.ceil(to / QUARTER_MS) * QUARTER_MS, zone.fromLocal(LAST_QUARTER));
  return {
    from: Math.min(Math.floor(from / QUARTER_MS) * QUARTER_MS, end - QUARTER_MS),
    to: end,
  };
}

/** The beginnings of all buckets that the range touches; the first one may begin before it. */
export function bucketStarts(range: TimeRange, interval: Interval, zone: TimeZone): number[] {
  const starts: number[] = [];
  let start = zone.startOf(interval, range.from);
  while (start < range.to) {
    starts.push(start);
    start = zone.next(interval, start);
  }
  return starts;
}

/** The point in time that the text stands for; of a date, the day's start or its end. */
export function parseTime(text: string, zone: TimeZone, edge: 'start' | 'end'): number {
  if (!isDate(text)) return Date.parse(text);
  return zone.fromLocal(Date.parse(`${text}T00:00:00Z`) + (edge === 'end' ? DAY : 0));
}
