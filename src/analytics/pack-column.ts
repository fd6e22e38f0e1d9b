/** What is known of a click in one respect; null is "unknown". */
export type PackValue = string | number | null;

export type Codes = Uint8Array | Uint16Array | Uint32Array;

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
  private constructor(
    readonly values: PackValue[],
    /** For each click the index of its value. */
    readonly codes: Codes,
  ) {}

  /** @param clicks how many clicks it tells of */
  static decode(bytes: Buffer, clicks: number): PackedColumn {
    const form = bytes.readUInt8(0);
    const codesAt = HEADER_BYTES + bytes.readUInt32LE(1);
    const values = JSON.parse(bytes.toString('utf8', HEADER_BYTES, codesAt)) as PackValue[];
    if (form === ONE_VALUE) return new PackedColumn(values, new Uint8Array(clicks));
    // A copy, because wider codes must begin at a multiple of their width.
    const packed = Uint8Array.prototype.slice.call(bytes, codesAt);
    const codes = form === RUNS ? fromRuns(packed, clicks) : fromBits(packed, form, clicks);
    return new PackedColumn(values, codes);
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

  append({ values, codes }: PackedColumn): void {
    const places = values.map((value) => this.placeOf(value));
    for (let index = 0; index < codes.length; index += 1) {
      this.codes[this.clicks] = places[codes[index]!]!;
      this.clicks += 1;
    }
  }

  /** @param order the clicks in the order they shall have */
  encode(order: Uint32Array): Buffer {
    const codes = order.map((click) => this.codes[click]!);
    const values = Buffer.from(JSON.stringify([...this.places.keys()]));
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(values.length, 1);
    const { form, bytes } = pack(codes, this.places.size);
    header.writeUInt8(form);
    return Buffer.concat([header, values, bytes]);
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
  const width = WIDTHS.find((bits) => values <= 2 ** bits)!;
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

function fromRuns(packed: Uint8Array<ArrayBuffer>, clicks: number): Codes {
  const runs = new Uint32Array(packed.buffer);
  const codes = new (arrayOf(WIDTHS.find((bits) => bits >= 8 && runs.length <= 2 ** bits)!))(
    clicks,
  );
  let at = 0;
  for (const [code, length] of runs.entries()) codes.fill(code, at, (at += length));
  return codes;
}

function fromBits(packed: Uint8Array<ArrayBuffer>, width: number, clicks: number): Codes {
  if (width >= 8) return new (arrayOf(width))(packed.buffer);
  const codes = new Uint8Array(clicks);
  const perByte = 8 / width;
  const mask = 2 ** width - 1;
  for (let index = 0; index < clicks; index += 1) {
    codes[index] = (packed[Math.floor(index / perByte)]! >> ((index % perByte) * width)) & mask;
  }
  return codes;
}

function arrayOf(width: number) {
  if (width === 8) return Uint8Array;
  return width === 16 ? Uint16Array : Uint32Array;
}
