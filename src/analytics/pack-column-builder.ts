import type { PackedColumn } from './pack-column.js';
import { arrayOf, FORMS, HEADER_BYTES, type PackValue, widthFor } from './pack-format.js';

/** Collects the values of clicks, one after the other, for a packed column. */
export class PackColumnBuilder {
  private readonly places = new Map<PackValue, number>();
  /** Each once, in the order in which they first came. */
  readonly values: PackValue[] = [];
  private readonly codes: Uint32Array;
  private clicks = 0;

  /** @param capacity how many clicks there will be */
  constructor(capacity: number) {
    this.codes = new Uint32Array(capacity);
  }

  add(value: PackValue): void {
    this.codes[this.clicks] = this.placeOf(value);
    this.clicks += 1;
  }

  /** So many clicks with the same value. */
  addTimes(value: PackValue, clicks: number): void {
    this.codes.fill(this.placeOf(value), this.clicks, (this.clicks += clicks));
  }

  append(column: PackedColumn): void {
    const places = column.values.map((value) => this.placeOf(value));
    for (let click = 0; click < column.clicks; click += 1) {
      this.codes[this.clicks] = places[column.places.at(click)]!;
      this.clicks += 1;
    }
  }

  valueOf(click: number): PackValue {
    return this.values[this.codes[click]!]!;
  }

  /** Where its value is among the values. */
  placeAt(click: number): number {
    return this.codes[click]!;
  }

  /** The clicks by their values, which have to be numbers. */
  order(): Uint32Array {
    const { values } = this;
    const places = Uint32Array.from(values.keys()).toSorted(
      (a, b) => (values[a] as number) - (values[b] as number),
    );
    const ranks = new Uint32Array(places.length);
    for (const [rank, place] of places.entries()) ranks[place] = rank;
    return this.sorted(inOrder(this.codes.length), ranks);
  }

  /** Brings clicks together that have the same value, and otherwise leaves them in their order. */
  grouped(order: Uint32Array): Uint32Array {
    return this.sorted(order, inOrder(this.values.length));
  }

  /**
   * Values are numbered as they come, so that those of sorted clicks have one run each.
   * @param order the clicks in the order they shall have
   */
  encode(order: Uint32Array): Buffer {
    const values: PackValue[] = [];
    const numbers = new Int32Array(this.values.length).fill(-1);
    const codes = order.map((click) => {
      const place = this.codes[click]!;
      if (numbers[place] === -1) numbers[place] = values.push(this.values[place]!) - 1;
      return numbers[place]!;
    });
    const packed = pack(codes, values.length);
    const dictionary = Buffer.from(JSON.stringify(values));
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt8(packed.form);
    header.writeUInt32LE(dictionary.length, 1);
    return Buffer.concat([header, dictionary, packed.bytes]);
  }

  /**
   * A counting sort.
   * @param ranks of the places of values
   */
  private sorted(order: Uint32Array, ranks: Uint32Array): Uint32Array {
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

  private placeOf(value: PackValue): number {
    let place = this.places.get(value);
    if (place === undefined) this.places.set(value, (place = this.values.push(value) - 1));
    return place;
  }
}

/** 0, 1, 2 and so on. */
export const inOrder = (count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, n) => n);

function pack(codes: Uint32Array, values: number): { form: number; bytes: Uint8Array } {
  if (values <= 1) return { form: FORMS.oneValue, bytes: new Uint8Array() };
  const runs = toRuns(codes, values);
  const width = widthFor(values);
  if (runs && runs.byteLength * 8 <= codes.length * width)
    return { form: FORMS.runs, bytes: new Uint8Array(runs.buffer) };
  if (width >= 8) return { form: width, bytes: new Uint8Array(new (arrayOf(width))(codes).buffer) };
  const perByte = 8 / width;
  const bytes = new Uint8Array(Math.ceil(codes.length / perByte));
  for (let index = 0; index < codes.length; index += 1) {
    bytes[Math.floor(index / perByte)]! |= codes[index]! << ((index % perByte) * width);
  }
  return { form: width, bytes };
}

/** The number of clicks with each value; undefined unless all with the same one follow one another. */
function toRuns(codes: Uint32Array, values: number): Uint32Array | undefined {
  const runs = new Uint32Array(values);
  for (let index = 0, last = 0; index < codes.length; index += 1) {
    const code = codes[index]!;
    if (code < last) return undefined;
    last = code;
    runs[code]! += 1;
  }
  return runs;
}
