import { QUARTER_MS } from '../analytics.types.js';
import type { PackedColumn } from '../pack-column.js';
import type { PackValue } from '../pack-values.js';
import type { TimeRange } from './reports.types.js';
import type { StoredPack } from './stored-pack.js';

/** Clicks of a pack by their places in it; undefined for all. */
export type Picks = Uint32Array | undefined;

const NONE = new Uint32Array();

/** Those among the clicks whose value is wanted. */
export function pick(
  column: PackedColumn,
  isWanted: (value: PackValue) => boolean,
  among: Picks,
): Picks {
  const wanted = Array.from({ length: column.size }, (_, place) => isWanted(column.valueAt(place)));
  if (!wanted.includes(false)) return among;
  if (!wanted.includes(true)) return NONE;
  const candidates = among?.length ?? column.clicks;
  const picked = new Uint32Array(candidates);
  let count = 0;
  for (let index = 0; index < candidates; index += 1) {
    const click = among ? among[index]! : index;
    picked[count] = click;
    if (wanted[column.placeOf(click)]) count += 1;
  }
  return picked.subarray(0, count);
}

/** Those among the clicks that are within the stretches; quarters are read of days with an edge. */
export function pickWithin(pack: StoredPack, stretches: TimeRange[], among: Picks): Picks {
  const isWithin = (time: number): boolean =>
    stretches.some(({ from, to }) => time >= from && time < to);
  const quarters = pack.column('quarter');
  if (!quarters) return isWithin(pack.day) ? among : NONE;
  return pick(quarters, (quarter) => isWithin(timeOf(pack, quarter)), among);
}

/** When the quarter of an hour begins; Unix milliseconds. */
export const timeOf = ({ day }: StoredPack, quarter: PackValue): number =>
  day + (quarter as number) * QUARTER_MS;
