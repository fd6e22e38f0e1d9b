import { DAY_MS, HOUR_MS } from '../analytics.types.js';
import type { TimeRange } from './reports.types.js';

/** A range as stretches of whole buckets: as long ones as possible. */
export interface TimeCover {
  /** Whole days, UTC. */
  days: TimeRange[];
  /** Whole hours. */
  hours: TimeRange[];
  /** What is left: quarters of an hour. */
  quarters: TimeRange[];
}

/**
 * Which buckets to add up for the range, so that none of them spans a cut.
 * @param cuts where the buckets of the report begin, ascending
 */
export function coverRange({ from, to }: TimeRange, cuts: number[] = []): TimeCover {
  const points = [from, ...cuts.filter((cut) => cut > from && cut < to), to];
  const stretches = points.slice(1).map((end, index) => ({ from: points[index]!, to: end }));
  const { whole: days, rest } = wholeBuckets(stretches, DAY_MS);
  const { whole: hours, rest: quarters } = wholeBuckets(rest, HOUR_MS);
  return { days: merged(days), hours: merged(hours), quarters: merged(quarters) };
}

function wholeBuckets(
  stretches: TimeRange[],
  length: number,
): { whole: TimeRange[]; rest: TimeRange[] } {
  const whole: TimeRange[] = [];
  const rest: TimeRange[] = [];
  for (const { from, to } of stretches) {
    const first = Math.ceil(from / length) * length;
    const last = Math.floor(to / length) * length;
    if (first >= last) {
      rest.push({ from, to });
      continue;
    }
    if (from < first) rest.push({ from, to: first });
    whole.push({ from: first, to: last });
    if (last < to) rest.push({ from: last, to });
  }
  return { whole, rest };
}

/** The UTC days that the stretches touch, by their starts. */
export function daysOf(stretches: TimeRange[]): number[] {
  const days = new Set<number>();
  for (const { from, to } of stretches) {
    for (let day = from - (from % DAY_MS); day < to; day += DAY_MS) days.add(day);
  }
  return [...days].toSorted((a, b) => a - b);
}

/** Stretches that follow one another become one. */
export function merged(...lists: TimeRange[][]): TimeRange[] {
  const result: TimeRange[] = [];
  for (const stretch of lists.flat().toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last?.to === stretch.from) result[result.length - 1] = { from: last.from, to: stretch.to };
    else result.push(stretch);
  }
  return result;
}
