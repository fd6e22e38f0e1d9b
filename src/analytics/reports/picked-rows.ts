import { KIND_BITS, KINDS } from '../click-moment.js';
import type { PackedColumn } from '../pack-column.js';
import type { PackValue } from '../pack-format.js';
import { countsAt } from './kind-sums.js';
import type { PackRows } from './pack-rows.js';
import { pickRuns, putBetween } from './row-runs.js';
import type { Counts } from './reports.types.js';

/** Stands for the kind of rows that were not picked. */
const NOT_PICKED = KINDS.length;

/** Whether a row has clicks, by whether it has. */
const HAS_CLICKS = Uint8Array.of(0, 1);

/** Some rows of a pack. */
export class PickedRows {
  private ofAllClicks: Counts | undefined;

  private constructor(
    readonly rows: PackRows,
    /**
     * In runs, because rows that are alike in what filters ask for are next to each other: where a run
     * begins and where it ends, and so on, ascending. The rows of a run are of one kind.
     */
    readonly bounds: Int32Array,
  ) {}

  static allOf(rows: PackRows): PickedRows {
    return new PickedRows(rows, rows.kindBounds);
  }

  get isEmpty(): boolean {
    return this.bounds.length === 0;
  }

  /** What all clicks of these rows add up to. */
  get total(): Counts {
    return (this.ofAllClicks ??= this.addUpRuns());
  }

  /** @param weights how many clicks each row of the pack has */
  sum(weights: Uint32Array): Counts {
    return weights === this.rows.weights ? this.total : this.addUpRows(weights);
  }

  /** For each row of the pack its kind, or a number that is none if it was not picked. */
  get kinds(): Uint8Array | Uint32Array {
    const { bounds, rows } = this;
    if (bounds === rows.kindBounds) return rows.kinds;
    const kinds = rows.scratch.bytes(rows.size).fill(NOT_PICKED);
    for (let at = 0; at < bounds.length; at += 2) {
      kinds.fill(rows.kinds[bounds[at]!]!, bounds[at], bounds[at + 1]);
    }
    return kinds;
  }

  /** Those of them whose value is wanted. */
  where({ values, codes }: PackedColumn, isWanted: (value: PackValue) => boolean): PickedRows {
    const wanted = Uint8Array.from(values, (value) => Number(isWanted(value)));
    return wanted.includes(0) ? this.pick(codes, wanted) : this;
  }

  /** Those of them that have clicks; @param weights as of `sumsOf` */
  withClicks(weights: Uint32Array): PickedRows {
    const { size, scratch } = this.rows;
    const has = scratch.bytes(size);
    for (let row = 0; row < size; row += 1) has[row] = Math.min(1, weights[row]!);
    return this.pick(has, HAS_CLICKS);
  }

  /** The other rows of the pack. */
  complement(): PickedRows {
    const { rows, bounds } = this;
    const others = rows.scratch.words(rows.kindBounds.length + bounds.length);
    putBetween(rows.kindBounds, bounds, others);
    return new PickedRows(rows, others);
  }

  /**
   * Adds up clicks by the value of a column and their kind.
   * @param weights how many clicks each row of the pack has
   * @returns the sums, at `(code << KIND_BITS) | kind`
   */
  sumsOf({ values, codes }: PackedColumn, weights: Uint32Array): Uint32Array {
    const half = values.length << KIND_BITS;
    const sums = this.rows.scratch.newWords(2 * half).fill(0);
    addUp(this, codes, weights, sums);
    for (let at = 0; at < half; at += 1) sums[at]! += sums[half + at]!;
    return sums;
  }

  private addUpRows(weights: Uint32Array): Counts {
    const { bounds, rows } = this;
    const sums = new Float64Array(KINDS.length);
    for (let at = 0; at < bounds.length; at += 2) {
      let sum = 0;
      const end = bounds[at + 1]!;
      for (let row = bounds[at]!; row < end; row += 1) sum += weights[row]!;
      sums[rows.kinds[bounds[at]!]!]! += sum;
    }
    return countsAt(sums, 0);
  }

  private addUpRuns(): Counts {
    const { bounds } = this;
    const { kinds, starts } = this.rows;
    const sums = new Float64Array(KINDS.length);
    for (let at = 0; at < bounds.length; at += 2) {
      const first = bounds[at]!;
      sums[kinds[first]!]! += starts[bounds[at + 1]!]! - starts[first]!;
    }
    return countsAt(sums, 0);
  }

  private pick(codes: Uint8Array | Uint32Array, wanted: Uint8Array): PickedRows {
    const { rows, bounds } = this;
    const picked = rows.scratch.words(rows.size + bounds.length);
    return new PickedRows(rows, picked.subarray(0, pickRuns(codes, wanted, bounds, picked)));
  }
}

/**
 * Rows take turns with two halves of the sums: the next row often goes to the same sum, and would have to
 * wait for it.
 */
function addUp(
  { bounds, rows: { kinds } }: PickedRows,
  codes: Uint8Array | Uint32Array,
  weights: Uint32Array,
  sums: Uint32Array,
): void {
  const half = sums.length >>> 1;
  for (let at = 0; at < bounds.length; at += 2) {
    const end = bounds[at + 1]!;
    const kind = kinds[bounds[at]!]!;
    let row = bounds[at]!;
    for (; row + 1 < end; row += 2) {
      sums[(codes[row]! << KIND_BITS) | kind]! += weights[row]!;
      sums[half + ((codes[row + 1]! << KIND_BITS) | kind)]! += weights[row + 1]!;
    }
    if (row < end) sums[(codes[row]! << KIND_BITS) | kind]! += weights[row]!;
  }
}
