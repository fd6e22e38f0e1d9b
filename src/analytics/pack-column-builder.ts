import type { PackedColumn } from './pack-column.js';
import { arrayOf, FORMS, HEADER_BYTES, widthFor } from './pack-format.js';
import { type PackValue, PackValues, type ValueForm } from './pack-values.js';

/** Collects the values of clicks, one after the other, for a packed column. */
export class PackColumnBuilder {
  private readonly places = new Map<PackValue, number>();
  private readonly codes: Uint32Array;
  private clicks = 0;

  /** @param capacity how many clicks there will be */
  constructor(
    capacity: number,
    private readonly form: ValueForm,
  ) {
    this.codes = new Uint32Array(capacity);
  }

  add(value: PackValue): void {
    this.codes[this.clicks] = this.placeOf(value);
    this.clicks += 1;
  }

  append(column: PackedColumn): void {
    const { values } = column;
    const places = Array.from({ length: values.size }, (_, place) =>
      this.placeOf(values.at(place)),
    );
    for (let click = 0; click < column.clicks; click += 1) {
      this.codes[this.clicks] = places[column.places.at(click)]!;
      this.clicks += 1;
    }
  }

  /** An order of the clicks in which all with the same value follow one another: a counting sort. */
  order(): Uint32Array {
    const next = new Uint32Array(this.places.size + 1);
    for (const code of this.codes) next[code + 1]! += 1;
    for (let code = 1; code < next.length; code += 1) next[code]! += next[code - 1]!;
    const order = new Uint32Array(this.codes.length);
    for (const [click, code] of this.codes.entries()) {
      order[next[code]!] = click;
      next[code]! += 1;
    }
    return order;
  }

  /**
   * Values are numbered as they come, so that those of sorted clicks have one run each.
   * @param order the clicks in the order they shall have
   */
  encode(order: Uint32Array): Buffer {
    const known = [...this.places.keys()];
    const values: PackValue[] = [];
    const numbers = new Int32Array(known.length).fill(-1);
    const codes = order.map((click) => {
      const place = this.codes[click]!;
      if (numbers[place] === -1) numbers[place] = values.push(known[place]!) - 1;
      return numbers[place]!;
    });
    const packed = pack(codes, values.length);
    const dictionary = PackValues.encode(this.form, values);
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt8(packed.form);
    header.writeUInt8(dictionary.form, 1);
    header.writeUInt32LE(dictionary.bytes.length, 2);
    return Buffer.concat([header, dictionary.bytes, packed.bytes]);
  }

  private placeOf(value: PackValue): number {
    let place = this.places.get(value);
    if (place === undefined) this.places.set(value, (place = this.places.size));
    return place;
  }
}

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
