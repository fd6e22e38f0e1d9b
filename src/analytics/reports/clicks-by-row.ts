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
    const counted = scratch.newWords(QUARTERS * KINDS.length).fill(0);
    for (let at = 0; at < bounds.length; at += 2) {
      const sums = ofKind(counted, kinds[bounds[at]!]!);
      countEach(this.quarters!, starts[bounds[at]!]!, starts[bounds[at + 1]!]!, sums);
    }
    const sums = scratch.newWords(QUARTERS << KIND_BITS);
    for (let quarter = 0; quarter < QUARTERS; quarter += 1) {
      for (let kind = 0; kind < KINDS.length; kind += 1) {
        sums[(quarter << KIND_BITS) | kind] = counted[kind * QUARTERS + quarter]!;
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
    for (let at = 0; at < bounds.length; at += 2) {
      links.addEach(
        starts[bounds[at]!]!,
        starts[bounds[at + 1]!]!,
        sign,
        ofKind(counts, kinds[bounds[at]!]!),
      );
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
    const links = counts.length / KINDS.length;
    for (let at = 0; at < bounds.length; at += 2) {
      const base = kinds[bounds[at]!]! * links;
      const end = starts[bounds[at + 1]!]!;
      for (let click = starts[bounds[at]!]!; click < end; click += 1) {
        counts[base + words.at(click)]! += sign * window.has[quarters[click]!]!;
      }
    }
  }
}

/** The counts of a kind, of those that come one kind after the other. */
function ofKind(counts: Uint32Array, kind: number): Uint32Array {
  const length = counts.length / KINDS.length;
  return counts.subarray(kind * length, (kind + 1) * length);
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
