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

  byQuarter({ bounds }: PickedRows): Uint32Array {
    const { starts, kinds, scratch } = this.rows;
    const ofKinds = byKind(scratch.newWords(QUARTERS * KINDS.length).fill(0));
    for (let at = 0; at < bounds.length; at += 2) {
      const first = bounds[at]!;
      countEach(this.quarters!, starts[first]!, starts[bounds[at + 1]!]!, ofKinds[kinds[first]!]!);
    }
    const sums = scratch.newWords(QUARTERS << KIND_BITS);
    for (const [kind, counts] of ofKinds.entries()) {
      for (let quarter = 0; quarter < QUARTERS; quarter += 1) {
        sums[(quarter << KIND_BITS) | kind] = counts[quarter]!;
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

  private addWhole({ bounds }: PickedRows, sign: number, counts: Uint32Array): void {
    const { starts, kinds } = this.rows;
    const links = this.links!;
    const ofKinds = byKind(counts);
    for (let at = 0; at < bounds.length; at += 2) {
      const first = bounds[at]!;
      links.addEach(starts[first]!, starts[bounds[at + 1]!]!, sign, ofKinds[kinds[first]!]!);
    }
  }

  private addWithin(
    { bounds }: PickedRows,
    window: DayWindow,
    sign: number,
    counts: Uint32Array,
  ): void {
    const { starts, kinds } = this.rows;
    const [words, quarters] = [this.links!, this.quarters!];
    const ofKinds = byKind(counts);
    for (let at = 0; at < bounds.length; at += 2) {
      const first = bounds[at]!;
      const sums = ofKinds[kinds[first]!]!;
      const end = starts[bounds[at + 1]!]!;
      for (let click = starts[first]!; click < end; click += 1) {
        sums[words.at(click)]! += sign * window.has[quarters[click]!]!;
      }
    }
  }
}

/** The counts of each kind, of those that come one kind after the other. */
function byKind(counts: Uint32Array): Uint32Array[] {
  const length = counts.length / KINDS.length;
  return KINDS.map((_, kind) => counts.subarray(kind * length, (kind + 1) * length));
}

/** Counts each number of a stretch; as `PackedWords.addEach`. */
function countEach(numbers: Uint8Array, from: number, to: number, counts: Uint32Array): void {
  let at = from;
  for (; at + 3 < to; at += 4) {
    counts[numbers[at]!]! += 1;
    counts[numbers[at + 1]!]! += 1;
    counts[numbers[at + 2]!]! += 1;
    counts[numbers[at + 3]!]! += 1;
  }
  for (; at < to; at += 1) counts[numbers[at]!]! += 1;
}
