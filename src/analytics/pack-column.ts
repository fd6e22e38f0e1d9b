/** What is known of a click in one respect; null is "unknown". */
export type PackValue = string | number | null;

type Codes = Uint8Array | Uint16Array | Uint32Array;

/** How codes are written: in so many bits each, or else as the lengths of runs. */
const WIDTHS = [1, 2, 4, 8, 16, 32];
const ONE_VALUE = 0;
const RUNS = 255;

const HEADER_BYTES = 5;

/**
 * One respect of many clicks, dictionary-encoded as in Parquet: each value once, and for each click
 * the place of its value among them. In bytes it is the form of the codes, the length of the values,
 * the values as JSON, and the codes, little-endian: none if there is only one value, the length of
 * each run if each value has only one, else for each click as few bits as will do.
 */
export class PackedColumn {
  private readonly shift: number;
  private readonly low: number;
  private readonly mask: number;

  private constructor(
    readonly clicks: number,
    readonly values: PackValue[],
    /** How many clicks have each value, if all that have the same one follow one another. */
    readonly runs: Uint32Array | undefined,
    private readonly codes: Codes,
    private readonly width: number,
  ) {
    const perByte = Math.max(1, 8 / width);
    this.shift = Math.log2(perByte);
    this.low = perByte - 1;
    this.mask = width < 8 ? 2 ** width - 1 : -1;
  }

  /** @param clicks how many clicks it tells of */
  static decode(bytes: Buffer, clicks: number): PackedColumn {
    const form = bytes.readUInt8(0);
    const codesAt = HEADER_BYTES + bytes.readUInt32LE(1);
    const values = JSON.parse(bytes.toString('utf8', HEADER_BYTES, codesAt)) as PackValue[];
    if (form === ONE_VALUE) return PackedColumn.ofRuns(clicks, values, Uint32Array.of(clicks));
    // A copy, because wider codes must begin at a multiple of their width.
    const { buffer } = Uint8Array.prototype.slice.call(bytes, codesAt);
    if (form === RUNS) return PackedColumn.ofRuns(clicks, values, new Uint32Array(buffer));
    return new PackedColumn(clicks, values, undefined, new (arrayOf(form))(buffer), form);
  }

  private static ofRuns(clicks: number, values: PackValue[], runs: Uint32Array): PackedColumn {
    const width = Math.max(8, widthFor(values.length));
    const codes = new (arrayOf(width))(clicks);
    let at = 0;
    for (const [code, length] of runs.entries()) codes.fill(code, at, (at += length));
    return new PackedColumn(clicks, values, runs, codes, width);
  }

  /** The index of the value of a click. */
  codeAt(click: number): number {
    return (this.codes[click >> this.shift]! >> ((click & this.low) * this.width)) & this.mask;
  }
}

/** Collects the values of clicks, one after the other. */
export class PackedColumnBuilder {
  private readonly places = new Map<PackValue, number>();
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

  append(column: PackedColumn): void {
    const places = column.values.map((value) => this.placeOf(value));
    for (let click = 0; click < column.clicks; click += 1) {
      this.codes[this.clicks] = places[column.codeAt(click)]!;
      this.clicks += 1;
    }
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
    const json = Buffer.from(JSON.stringify(values));
    const { form, bytes } = pack(codes, values.length);
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt8(form);
    header.writeUInt32LE(json.length, 1);
    return Buffer.concat([header, json, bytes]);
  }

  private placeOf(value: PackValue): number {
    let place = this.places.get(value);
    if (place === undefined) this.places.set(value, (place = this.places.size));
    return place;
  }
}

function pack(codes: Uint32Array, values: number): { form: number; bytes: Uint8Array } {
  if (values <= 1) return { form: ONE_VALUE, bytes: new Uint8Array() };
  const runs = toRuns(codes, values);
  if (runs) return { form: RUNS, bytes: new Uint8Array(runs.buffer) };
  const width = widthFor(values);
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

const widthFor = (values: number): number => WIDTHS.find((bits) => values <= 2 ** bits)!;

function arrayOf(width: number) {
  if (width <= 8) return Uint8Array;
  return width === 16 ? Uint16Array : Uint32Array;
}
