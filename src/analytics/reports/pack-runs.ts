import { KINDS, ofMoment } from '../click-moment.js';
import type { PackedColumn } from '../pack-column.js';
import type { Counts, TimeRange } from './reports.types.js';

/** Clicks of one kind and quarter of an hour, which follow one another in a pack. */
export interface Run {
  /** The index in KINDS. */
  kind: number;
  /** Unix milliseconds. */
  time: number;
  /** The first one and the one after the last, among those that were picked. */
  from: number;
  to: number;
}

/**
 * The runs of clicks within the stretches.
 * @param picked the clicks that count, in order; all, if undefined
 */
export function runsWithin(
  { values, runs }: PackedColumn,
  day: number,
  stretches: TimeRange[],
  picked: Uint32Array | undefined,
): Run[] {
  if (stretches.length === 0) return [];
  const found: Run[] = [];
  let [click, from] = [0, 0];
  for (const [place, moment] of values.entries()) {
    click += runs![place]!;
    const to = picked ? placeOf(picked, click, from) : click;
    const { clickedAt: time } = ofMoment(moment as number, day);
    if (to > from && stretches.some((stretch) => time >= stretch.from && time < stretch.to)) {
      found.push({ kind: (moment as number) % KINDS.length, time, from, to });
    }
    from = to;
  }
  return found;
}

/** For each kind, how many of the clicks in the runs have each value of the column. */
export function countByKind(
  column: PackedColumn,
  runs: Run[],
  picked: Uint32Array | undefined,
): Uint32Array[] {
  const kinds = KINDS.map(() => new Uint32Array(column.values.length));
  for (const { kind, from, to } of runs) {
    const sums = kinds[kind]!;
    if (picked)
      for (let place = from; place < to; place += 1) sums[column.codeAt(picked[place]!)]! += 1;
    else for (let click = from; click < to; click += 1) sums[column.codeAt(click)]! += 1;
  }
  return kinds;
}

export function countRun(kind: number, clicks: number): Counts {
  const isBot = KINDS[kind] === 'bot';
  return {
    clicks,
    humans: isBot ? 0 : clicks,
    bots: isBot ? clicks : 0,
    visitors: KINDS[kind] === 'visitor' ? clicks : 0,
  };
}

/** The place of the first picked click that is not before this one, from a place on. */
function placeOf(picked: Uint32Array, click: number, from: number): number {
  let [first, end] = [from, picked.length];
  while (first < end) {
    const middle = (first + end) >> 1;
    if (picked[middle]! < click) first = middle + 1;
    else end = middle;
  }
  return first;
}
