import type { Kind } from '../click-moment.js';
import type { PackedColumn } from '../pack-column.js';
import type { Picks } from './pack-picks.js';
import type { Counts } from './reports.types.js';

/** How many clicks of each kind have each value of a column. */
export class PackSums {
  private readonly sums: Uint32Array;

  constructor(
    column: PackedColumn,
    private readonly kinds: PackedColumn,
    picks: Picks,
  ) {
    this.sums = new Uint32Array(column.size * kinds.size);
    const { sums } = this;
    const { size } = kinds;
    const clicks = picks?.length ?? column.clicks;
    for (let index = 0; index < clicks; index += 1) {
      const click = picks ? picks[index]! : index;
      sums[column.placeOf(click) * size + kinds.placeOf(click)]! += 1;
    }
  }

  /** Adds the clicks with the value at this place. */
  addTo(counts: Counts, place: number): void {
    for (let kind = 0; kind < this.kinds.size; kind += 1) {
      const clicks = this.sums[place * this.kinds.size + kind]!;
      if (clicks > 0) addClicks(counts, this.kinds.valueAt(kind) as Kind, clicks);
    }
  }
}

function addClicks(counts: Counts, kind: Kind, clicks: number): void {
  counts.clicks += clicks;
  if (kind === 'bot') counts.bots += clicks;
  else counts.humans += clicks;
  if (kind === 'visitor') counts.visitors += clicks;
}
