import type { Kind } from '../click-moment.js';
import { KIND_BITS } from '../pack-codes.js';
import type { PackedColumn } from '../pack-column.js';
import type { PackValues } from '../pack-values.js';
import type { PickedClicks } from './picked-clicks.js';
import type { Counts } from './reports.types.js';

/** How many of the clicks have each value of a column, by their kind. */
export class PackSums {
  private readonly kinds: PackValues;
  private readonly sums: Int32Array;

  constructor({ values, places }: PackedColumn, picked: PickedClicks) {
    this.kinds = picked.pack.kinds.values;
    this.sums = new Int32Array(values.size << KIND_BITS);
    places.count(picked.clicks, picked.kinds, this.sums);
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
