import type { Kind } from '../click-moment.js';
import { KIND_BITS } from '../pack-codes.js';
import type { PackedColumn } from '../pack-column.js';
import type { PackValue } from '../pack-format.js';
import type { PickedClicks } from './picked-clicks.js';
import type { Counts } from './reports.types.js';

const KINDS = 1 << KIND_BITS;
const NONE = -1;

/** How many of the clicks have each value of a column, by their kind. */
export class PackSums {
  private readonly sums: Int32Array;
  /** Where the second half of the sums begins. */
  private readonly half: number;
  private readonly bot: number;
  private readonly visitor: number;

  constructor(column: PackedColumn, picked: PickedClicks) {
    const { pack, clicks, kinds } = picked;
    const { values } = pack.column('kind')!;
    this.bot = placeOf('bot', values);
    this.visitor = placeOf('visitor', values);
    this.half = column.values.length * KINDS;
    this.sums = pack.scratch.words(2 * this.half).fill(0);
    if (pack.weights) column.places.weigh(clicks, kinds, pack.weights, this.sums);
    else column.places.count(clicks, kinds, this.sums);
  }

  clicksAt(place: number): number {
    let clicks = 0;
    for (let kind = 0; kind < KINDS; kind += 1) clicks += this.sumAt(place, kind);
    return clicks;
  }

  botsAt(place: number): number {
    return this.bot === NONE ? 0 : this.sumAt(place, this.bot);
  }

  visitorsAt(place: number): number {
    return this.visitor === NONE ? 0 : this.sumAt(place, this.visitor);
  }

  /** Adds the clicks with the value at this place to each of the totals. */
  addTo(totals: Counts[], place: number): void {
    const clicks = this.clicksAt(place);
    if (clicks === 0) return;
    const bots = this.botsAt(place);
    const visitors = this.visitorsAt(place);
    for (const total of totals) {
      total.clicks += clicks;
      total.humans += clicks - bots;
      total.bots += bots;
      total.visitors += visitors;
    }
  }

  private sumAt(place: number, kind: number): number {
    const at = place * KINDS + kind;
    return this.sums[at]! + this.sums[this.half + at]!;
  }
}

/** Which number the kind has among those of a pack; -1 if none. */
const placeOf = (kind: Kind, values: readonly PackValue[]): number => values.indexOf(kind);
