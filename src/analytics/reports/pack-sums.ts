import type { Kind } from '../click-moment.js';
import { KIND_BITS } from '../pack-codes.js';
import type { PackedColumn } from '../pack-column.js';
import type { PackValues } from '../pack-values.js';
import type { PickedClicks } from './picked-clicks.js';
import type { Counts } from './reports.types.js';

const KINDS = 1 << KIND_BITS;
const NONE = -1;

/** How many of the clicks have each value of a column, by their kind; without a column, of all. */
export class PackSums {
  private readonly sums: Int32Array;
  private readonly bot: number;
  private readonly visitor: number;

  constructor(column: PackedColumn | undefined, picked: PickedClicks) {
    const { values } = picked.pack.kinds;
    this.bot = placeOf('bot', values);
    this.visitor = placeOf('visitor', values);
    this.sums = new Int32Array((column?.values.size ?? 1) * KINDS);
    if (column) column.places.count(picked.clicks, picked.kinds, this.sums);
    else this.countKinds(picked.kinds);
  }

  /** By index, because for…of takes several times as long. */
  private countKinds(kinds: Uint8Array): void {
    const { sums } = this;
    for (let index = 0; index < kinds.length; index += 1) sums[kinds[index]!]! += 1;
  }

  /** Adds the clicks with the value at this place to each of the totals. */
  addTo(totals: Counts[], place: number): void {
    const { sums } = this;
    const at = place * KINDS;
    let clicks = 0;
    for (let kind = 0; kind < KINDS; kind += 1) clicks += sums[at + kind]!;
    if (clicks === 0) return;
    const bots = this.bot === NONE ? 0 : sums[at + this.bot]!;
    const visitors = this.visitor === NONE ? 0 : sums[at + this.visitor]!;
    for (const total of totals) {
      total.clicks += clicks;
      total.humans += clicks - bots;
      total.bots += bots;
      total.visitors += visitors;
    }
  }
}

/** Which number the kind has among those of a pack. */
function placeOf(kind: Kind, { size, at }: PackValues): number {
  for (let place = 0; place < size; place += 1) if (at(place) === kind) return place;
  return NONE;
}
