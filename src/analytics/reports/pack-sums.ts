import type { Kind } from '../click-moment.js';
import { KIND_BITS } from '../pack-codes.js';
import type { PackedColumn } from '../pack-column.js';
import type { PackValues } from '../pack-values.js';
import type { PickedClicks } from './picked-clicks.js';
import type { Counts } from './reports.types.js';

/** How many of the clicks have each value of a column, by their kind; without a column, of all. */
export class PackSums {
  private readonly kinds: PackValues;
  private readonly sums: Int32Array;

  constructor(column: PackedColumn | undefined, picked: PickedClicks) {
    this.kinds = picked.pack.kinds.values;
    this.sums = new Int32Array((column?.values.size ?? 1) << KIND_BITS);
    if (column) column.places.count(picked.clicks, picked.kinds, this.sums);
    else this.countKinds(picked.kinds);
  }

  /** By index, because for…of takes several times as long. */
  private countKinds(kinds: Uint8Array): void {
    const { sums } = this;
    for (let index = 0; index < kinds.length; index += 1) sums[kinds[index]!]! += 1;
  }

  /** Adds the clicks with the value at this place. */
  addTo(counts: Counts, place: number): void {
    for (let kind = 0; kind < this.kinds.size; kind += 1) {
      const clicks = this.sums[(place << KIND_BITS) | kind]!;
      if (clicks > 0) addClicks(counts, this.kinds.at(kind) as Kind, clicks);
    }
  }
}

function addClicks(counts: Counts, kind: Kind, clicks: number): void {
  counts.clicks += clicks;
  if (kind === 'bot') counts.bots += clicks;
  else counts.humans += clicks;
  if (kind === 'visitor') counts.visitors += clicks;
}
