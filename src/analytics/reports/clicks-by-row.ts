import { KIND_BITS, KINDS } from '../click-moment.js';
import type { PackedWords } from '../packed-words.js';
import { QUARTERS, type DayWindow } from './day-window.js';
import type { PackRows } from './pack-rows.js';
import type { PickedRows } from './picked-rows.js';

/** The clicks of a pack that count, as far as they were read. */
export interface PackClicks {
  /** How many of them each row has within the window. */
  weights(window: DayWindow): Uint32Array;
  /**
   * Counts those of rows that were picked.
   * @returns the sums, at `(quarter << KIND_BITS) | kind`
   */
  byQuarter(picked: PickedRows): Uint32Array;
}

/** All clicks of a pack, in the order of its rows. */
export class ClicksByRow implements PackClicks {
  constructor(
    private readonly rows: PackRows,
    private readonly quarters: Uint8Array | undefined,
    private readonly links: PackedWords | undefined,
  ) {}

  weights(window: DayWindow): Uint32Array {
    const { size, starts, weights, scratch } = this.rows;
    if (window.isWhole) return weights;
    const quarters = this.quarters!;
    const counted = scratch.newWords(size);
    for (let row = 0; row < size; row += 1) {
      let sum = 0;
      const end = starts[row + 1]!;
      for (let click = starts[row]!; click < end; click += 1) {
        sum += window.has[quarters[click]!]!;
      }
      counted[row] = sum;
    }
    return counted;
  }

  byQuarter({ places }: PickedRows): Uint32Array {
    const { starts, kinds, scratch } = this.rows;
    const quarters = this.quarters!;
    const sums = scratch.newWords(QUARTERS << KIND_BITS).fill(0);
    for (let index = 0; index < places.length; index += 1) {
      const row = places[index]!;
      const kind = kinds[row]!;
      const end = starts[row + 1]!;
      for (let click = starts[row]!; click < end; click += 1) {
        sums[(quarters[click]! << KIND_BITS) | kind]! += 1;
      }
    }
    return sums;
  }

  /**
   * Adds clicks of rows that were picked to the counts of their links, or takes them away.
   * @param counts as `PackedLinks.counts` returns them
   * @param sign 1 or -1
   */
  addByLink(picked: PickedRows, window: DayWindow, sign: number, counts: Uint32Array): void {
    if (window.isWhole) this.addWhole(picked, sign, counts);
    else this.addWithin(picked, window, sign, counts);
  }

  private addWhole({ places }: PickedRows, sign: number, counts: Uint32Array): void {
    const { starts, kinds } = this.rows;
    const { view, width, mask } = this.links!;
    const links = counts.length / KINDS.length;
    for (let index = 0; index < places.length; index += 1) {
      const row = places[index]!;
      const base = kinds[row]! * links;
      const end = starts[row + 1]! * width;
      for (let bit = starts[row]! * width; bit < end; bit += width) {
        counts[base + ((view.getUint32(bit >>> 3, true) >>> (bit & 7)) & mask)]! += sign;
      }
    }
  }

  private addWithin(
    { places }: PickedRows,
    window: DayWindow,
    sign: number,
    counts: Uint32Array,
  ): void {
    const { starts, kinds } = this.rows;
    const [words, quarters] = [this.links!, this.quarters!];
    const links = counts.length / KINDS.length;
    for (const row of places) {
      const base = kinds[row]! * links;
      for (let click = starts[row]!; click < starts[row + 1]!; click += 1) {
        counts[base + words.at(click)]! += sign * window.has[quarters[click]!]!;
      }
    }
  }
}
