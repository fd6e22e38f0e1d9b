import { KIND_BITS, KINDS } from '../click-moment.js';
import type { PackedColumn } from '../pack-column.js';
import type { PackValue } from '../pack-format.js';
import { countsAt } from './kind-sums.js';
import type { PackRows } from './pack-rows.js';
import type { Counts } from './reports.types.js';

/** Stands for the kind of rows that were not picked. */
const NOT_PICKED = KINDS.length;

/** Some rows of a pack. */
export class PickedRows {
  private ofAllClicks: Counts | undefined;

  private constructor(
    readonly rows: PackRows,
    /** Ascending. */
    readonly places: Int32Array,
  ) {}

  static allOf(rows: PackRows): PickedRows {
    return new PickedRows(rows, rows.scratch.numbers(rows.size));
  }

  get isEmpty(): boolean {
    return this.places.length === 0;
  }

  /** What all clicks of these rows add up to. */
  get total(): Counts {
    return (this.ofAllClicks ??= this.add(this.rows.weights));
  }

  /** @param weights how many clicks each row of the pack has */
  sum(weights: Uint32Array): Counts {
    return weights === this.rows.weights ? this.total : this.add(weights);
  }

  /** For each row of the pack its kind, or a number that is none if it was not picked. */
  get kinds(): Uint8Array | Uint32Array {
    const { places, rows } = this;
    if (places.length === rows.size) return rows.kinds;
    const kinds = rows.scratch.bytes(rows.size).fill(NOT_PICKED);
    for (let index = 0; index < places.length; index += 1) {
      kinds[places[index]!] = rows.kinds[places[index]!]!;
    }
    return kinds;
  }

  /** Those of them whose value is wanted. */
  where({ values, codes }: PackedColumn, isWanted: (value: PackValue) => boolean): PickedRows {
    const wanted = Uint8Array.from(values, (value) => Number(isWanted(value)));
    if (!wanted.includes(0)) return this;
    const picked = this.rows.scratch.words(this.places.length + 1);
    return this.restrictedTo(picked.subarray(0, pick(codes, wanted, this.places, picked)));
  }

  /** Those of them that have clicks; @param weights as of `sumsOf` */
  withClicks(weights: Uint32Array): PickedRows {
    const { places } = this;
    const { length } = places;
    const picked = this.rows.scratch.words(length + 1);
    let count = 0;
    for (let index = 0; index < length; index += 1) {
      const row = places[index]!;
      picked[count] = row;
      count += Math.min(1, weights[row]!);
    }
    return this.restrictedTo(picked.subarray(0, count));
  }

  /** The other rows of the pack. */
  complement(): PickedRows {
    const { places } = this;
    const others = this.rows.scratch.words(this.rows.size - places.length);
    let index = 0;
    for (let row = 0; row < this.rows.size; row += 1) {
      if (places[index] === row) index += 1;
      else others[row - index] = row;
    }
    return this.restrictedTo(others);
  }

  /**
   * Adds up clicks by the value of a column and their kind.
   * @param weights how many clicks each row of the pack has
   * @returns the sums, at `(code << KIND_BITS) | kind`
   */
  sumsOf({ values, codes }: PackedColumn, weights: Uint32Array): Uint32Array {
    const { kinds, scratch } = this.rows;
    const half = values.length << KIND_BITS;
    const sums = scratch.newWords(2 * half).fill(0);
    addUp(this.places, codes, kinds, weights, sums);
    for (let at = 0; at < half; at += 1) sums[at]! += sums[half + at]!;
    return sums;
  }

  private add(weights: Uint32Array): Counts {
    const { places } = this;
    const { kinds } = this.rows;
    const { length } = places;
    const sums = new Float64Array(KINDS.length);
    // Rows are sorted by their kind.
    let kind = 0;
    let sum = 0;
    for (let index = 0; index < length; index += 1) {
      const row = places[index]!;
      if (kinds[row] !== kind) {
        sums[kind]! += sum;
        kind = kinds[row]!;
        sum = 0;
      }
      sum += weights[row]!;
    }
    sums[kind]! += sum;
    return countsAt(sums, 0);
  }

  private restrictedTo(places: Int32Array): PickedRows {
    return new PickedRows(this.rows, places);
  }
}

/** Without a branch: nobody can predict which row passes. */
function pick(
  codes: Uint8Array | Uint32Array,
  wanted: Uint8Array,
  among: Int32Array,
  picked: Int32Array,
): number {
  const { length } = among;
  let count = 0;
  for (let index = 0; index < length; index += 1) {
    const row = among[index]!;
    picked[count] = row;
    count += wanted[codes[row]!]!;
  }
  return count;
}

/**
 * Rows take turns with two halves of the sums: the next row often goes to the same sum, and would have to
 * wait for it.
 */
function addUp(
  places: Int32Array,
  codes: Uint8Array | Uint32Array,
  kinds: Uint8Array | Uint32Array,
  weights: Uint32Array,
  sums: Uint32Array,
): void {
  const { length } = places;
  const half = sums.length >>> 1;
  let index = 0;
  for (; index + 1 < length; index += 2) {
    const a = places[index]!;
    const b = places[index + 1]!;
    sums[(codes[a]! << KIND_BITS) | kinds[a]!]! += weights[a]!;
    sums[half + ((codes[b]! << KIND_BITS) | kinds[b]!)]! += weights[b]!;
  }
  if (index === length) return;
  const last = places[index]!;
  sums[(codes[last]! << KIND_BITS) | kinds[last]!]! += weights[last]!;
}
