import { DAY_MS, QUARTER_MS, type TimeRange } from '../analytics.types.js';

/** Quarters of an hour in a day: the finest time that is counted by. */
export const QUARTERS = DAY_MS / QUARTER_MS;

/** The number of the quarter of an hour in its day; @param time Unix milliseconds */
export const quarterOf = (time: number): number => Math.floor((time % DAY_MS) / QUARTER_MS);

/** Which quarters of an hour of a day are within ranges. */
export class DayWindow {
  /** For each quarter 1 or 0. */
  readonly has = new Uint8Array(QUARTERS);

  /**
   * @param ranges of whole quarters of an hour
   * @param day its start; Unix milliseconds
   */
  constructor(ranges: readonly TimeRange[], day: number) {
    for (const { from, to } of ranges) {
      if (to <= day || from >= day + DAY_MS) continue;
      this.has.fill(1, Math.max(0, (from - day) / QUARTER_MS), (to - day) / QUARTER_MS);
    }
  }

  get isEmpty(): boolean {
    return !this.has.includes(1);
  }

  get isWhole(): boolean {
    return !this.has.includes(0);
  }
}

/**
 * Splits a range into whole UTC days, whose sums are in one row each, and the rest.
 * @param cuts where the buckets of the report begin, ascending: a day that one divides is no whole day
 */
export function splitDays(
  { from, to }: TimeRange,
  cuts: readonly number[] = [],
): { days: TimeRange[]; rest: TimeRange[] } {
  const points = [from, ...cuts.filter((cut) => cut > from && cut < to), to];
  const days: TimeRange[] = [];
  const rest: TimeRange[] = [];
  for (const [index, end] of points.slice(1).entries()) {
    const start = points[index]!;
    const first = Math.ceil(start / DAY_MS) * DAY_MS;
    const last = Math.floor(end / DAY_MS) * DAY_MS;
    if (first >= last) {
      rest.push({ from: start, to: end });
      continue;
    }
    if (start < first) rest.push({ from: start, to: first });
    days.push({ from: first, to: last });
    if (last < end) rest.push({ from: last, to: end });
  }
  return { days: joined(days), rest: joined(rest) };
}

/** Ranges that overlap, or follow one another, become one. */
export function joined(ranges: readonly TimeRange[]): TimeRange[] {
  const result: TimeRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last && last.to >= range.from) last.to = Math.max(last.to, range.to);
    else result.push({ ...range });
  }
  return result;
}

/** The index of the bucket that the time is in. @param starts of the buckets, ascending */
export function bucketAt(starts: readonly number[], time: number): number {
  let [first, end] = [0, starts.length];
  while (end - first > 1) {
    const middle = (first + end) >> 1;
    if (starts[middle]! <= time) first = middle;
    else end = middle;
  }
  return first;
}
