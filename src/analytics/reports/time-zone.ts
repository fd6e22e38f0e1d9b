import { LRUCache } from 'lru-cache';
import type { Interval } from './reports.types.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const MAX_KNOWN = 20;
/** A report on five years asks for about as many. */
const MAX_OFFSETS = 6_000;

/**
 * The calendar of a time zone. Local times are Unix milliseconds as if the zone were UTC. All of it
 * comes from Intl, and PostgreSQL is only told points in time: the two may know different zones.
 */
export class TimeZone {
  /** Those asked for last, by the name that was given: to make one takes half a millisecond. */
  private static readonly known = new LRUCache<string, TimeZone>({ max: MAX_KNOWN });
  /** By the time: reports ask for the same times again, and Intl takes two microseconds for each. */
  private readonly offsets = new LRUCache<number, number>({ max: MAX_OFFSETS });

  private constructor(
    readonly name: string,
    private readonly format: Intl.DateTimeFormat,
  ) {}

  /** The IANA time zone of that name, in any case; undefined if there is none. */
  static find(name: string): TimeZone | undefined {
    const zone = this.known.get(name) ?? this.make(name);
    if (zone) this.known.set(name, zone);
    return zone;
  }

  private static make(name: string): TimeZone | undefined {
    // Newer versions of Node also take offsets such as +01:23 for a name.
    if (!/^[a-z]/i.test(name)) return undefined;
    try {
      const format = new Intl.DateTimeFormat('en-US', {
        timeZone: name,
        timeZoneName: 'longOffset',
      });
      const canonical = format.resolvedOptions().timeZone;
      // Of an alias Intl tells the old name (Asia/Katmandu): people get back what they wrote.
      const isAlias = canonical.toLowerCase() !== name.toLowerCase();
      return new TimeZone(isAlias ? name : canonical, format);
    } catch {
      return undefined;
    }
  }

  /** The beginning of the hour, day, week (Monday, ISO 8601) or month that the time is in. */
  startOf(interval: Interval, time: number): number {
    const local = this.toLocal(time);
    if (interval !== 'hour') return this.fromLocal(floorLocal(interval, local));
    const start = time - (local % HOUR);
    // Where clocks change by half an hour, an hour may begin in the middle of another.
    return this.offsetAt(start) === this.offsetAt(time) ? start : this.transition(start, time);
  }

  /** The beginning of the next interval after the one that begins at `start`. */
  next(interval: Interval, start: number): number {
    const local = this.toLocal(start);
    if (interval === 'hour') return start + HOUR - (local % HOUR);
    if (interval === 'month') {
      const date = new Date(local);
      return this.fromLocal(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1));
    }
    return this.addDays(start, interval === 'week' ? 7 : 1);
  }

  /** The beginning of the day that is so many days after the one the time is in. */
  addDays(time: number, days: number): number {
    return this.fromLocal(floorLocal('day', this.toLocal(time)) + days * DAY);
  }

  /** The first moment of the zone at which its clocks show the local time, or a later one. */
  fromLocal(local: number): number {
    const offsets = [this.offsetAt(local - DAY), this.offsetAt(local + DAY)];
    const early = local - Math.max(...offsets);
    const late = local - Math.min(...offsets);
    if (this.toLocal(early) === local) return early;
    if (this.toLocal(late) === local) return late;
    return this.transition(early, late);
  }

  /** RFC 3339, in the zone. */
  toString(time: number): string {
    const offset = this.offsetAt(time);
    const text = new Date(time + offset).toISOString().replace(/\.000Z$|Z$/, '');
    if (offset === 0) return `${text}Z`;
    const clock = new Date(Math.abs(offset)).toISOString().slice(11, 16);
    return `${text}${offset < 0 ? '-' : '+'}${clock}`;
  }

  private toLocal(time: number): number {
    return time + this.offsetAt(time);
  }

  /** In milliseconds, of whole minutes; east of Greenwich is positive. */
  private offsetAt(time: number): number {
    let offset = this.offsets.get(time);
    if (offset === undefined) this.offsets.set(time, (offset = this.readOffset(time)));
    return offset;
  }

  private readOffset(time: number): number {
    const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(this.format.format(time))!;
    if (sign === undefined) return 0;
    return (sign === '-' ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * MINUTE);
  }

  /** The first minute after `before`, and not after `after`, that has another offset. */
  private transition(before: number, after: number): number {
    const offset = this.offsetAt(before);
    let [low, high] = [before, after];
    while (high - low > MINUTE) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
      if (this.offsetAt(middle) === offset) low = middle;
      else high = middle;
    }
    return high;
  }
}

function floorLocal(interval: Exclude<Interval, 'hour'>, local: number): number {
  const date = new Date(local);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  if (interval === 'month') return Date.UTC(year, month);
  if (interval === 'day') return Date.UTC(year, month, day);
  return Date.UTC(year, month, day - ((date.getUTCDay() + 6) % 7));
}
