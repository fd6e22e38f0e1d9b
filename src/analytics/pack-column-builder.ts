import { PackedColumn } from './pack-column.js';
import { inOrder, type PackValue } from './pack-format.js';

/** Collects the values of clicks, one after the other, for a packed column. */
export class PackColumnBuilder {
  private readonly places = new Map<PackValue, number>();
  /** Each once, in the order in which they first came. */
  readonly values: PackValue[] = [];
  private readonly codes: Uint32Array;
  private clicks = 0;

  /**
   * @param capacity how many clicks there will be
   * @param values that come first, whether a click has them or not
   */
  constructor(capacity: number, values: readonly PackValue[] = []) {
    this.codes = new Uint32Array(capacity);
    for (const value of values) this.placeOf(value);
  }

  add(value: PackValue): void {
    this.codes[this.clicks] = this.placeOf(value);
    this.clicks += 1;
  }

  /**
   * Clicks whose values are told by their places in a list.
   * @param places of how many clicks each, one after the other; `times` of one each, if undefined
   */
  addAll(values: Iterable<PackValue>, places: Iterable<number>, times?: Uint32Array): void {
    const known = Array.from(values, (value) => this.placeOf(value));
    let index = 0;
    for (const place of places) {
      const end = this.clicks + (times ? times[index]! : 1);
      this.codes.fill(known[place]!, this.clicks, end);
      this.clicks = end;
      index += 1;
    }
  }

  /** For each place of a value, how many clicks have it. */
  counts(): Uint32Array {
    const counts = new Uint32Array(this.values.length);
    for (let click = 0; click < this.clicks; click += 1) counts[this.codes[click]!]! += 1;
    return counts;
  }

  /**
   * Gives all clicks other values; those that get the same are alike from then on.
   * @param replacements for each place of a value the new one
   */
  replace(replacements: readonly PackValue[]): void {
    this.places.clear();
    this.values.length = 0;
    const moved = replacements.map((value) => this.placeOf(value));
    for (let click = 0; click < this.clicks; click += 1) {
      this.codes[click] = moved[this.codes[click]!]!;
    }
  }

  /** Where its value is among the values. */
  placeAt(click: number): number {
    return this.codes[click]!;
  }

  /** For each place of a value, which in their order it is; the values have to be numbers. */
  ranks(): Uint32Array {
    const { values } = this;
    const places = inOrder(values.length).toSorted(
      (a, b) => (values[a] as number) - (values[b] as number),
    );
    const ranks = new Uint32Array(places.length);
    for (const [rank, place] of places.entries()) ranks[place] = rank;
    return ranks;
  }

  /**
   * Brings clicks together that have the same value, and otherwise leaves them in their order: a
   * counting sort.
   * @param ranks in which order the places of values come
   */
  grouped(order: Uint32Array, ranks = inOrder(this.values.length)): Uint32Array {
    const { codes } = this;
    const next = new Uint32Array(ranks.length + 1);
    for (const click of order) next[ranks[codes[click]!]! + 1]! += 1;
    for (let rank = 1; rank < next.length; rank += 1) next[rank]! += next[rank - 1]!;
    const sorted = new Uint32Array(order.length);
    for (const click of order) {
      const rank = ranks[codes[click]!]!;
      sorted[next[rank]!] = click;
      next[rank]! += 1;
    }
    return sorted;
  }

  /** @param clicks which ones, in the order they shall have */
  encode(clicks: Uint32Array): Buffer {
    return PackedColumn.encode(
      this.values,
      clicks.map((click) => this.codes[click]!),
    );
  }

  private placeOf(value: PackValue): number {
    let place = this.places.get(value);
    if (place === undefined) this.places.set(value, (place = this.values.push(value) - 1));
    return place;
  }
}
