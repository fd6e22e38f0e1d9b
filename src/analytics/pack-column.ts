/** What is known of a click in one respect; null is "unknown". */
export type PackValue = string | number | null;

type Codes = Uint8Array | Uint16Array | Uint32Array;

const LENGTH_BYTES = 4;

/**
 * One respect of many clicks, dictionary-encoded as in Parquet: each value once, and for each click
 * the place of its value among them, in as few bytes as will do. In bytes it is the length of the
 * values, the values as JSON, and the codes, little-endian, unless there is only one value.
 */
export class PackedColumn {
  private constructor(
    readonly values: PackValue[],
    /** For each click the index of its value. */
    readonly codes: Codes,
  ) {}

  /** @param clicks how many clicks it tells of */
  static decode(bytes: Buffer, clicks: number): PackedColumn {
    const codesAt = LENGTH_BYTES + bytes.readUInt32LE(0);
    const values = JSON.parse(bytes.toString('utf8', LENGTH_BYTES, codesAt)) as PackValue[];
    if (values.length <= 1) return new PackedColumn(values, new Uint8Array(clicks));
    // A copy, because wider codes must begin at a multiple of their width.
    const codes = Uint8Array.prototype.slice.call(bytes, codesAt);
    return new PackedColumn(values, new (codesFor(values.length))(codes.buffer));
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
    for (const code of codes) {
      this.codes[this.clicks] = places[code]!;
      this.clicks += 1;
    }
  }

  encode(): Buffer {
    const values = Buffer.from(JSON.stringify([...this.places.keys()]));
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32LE(values.length);
    if (this.places.size <= 1) return Buffer.concat([length, values]);
    const codes = new (codesFor(this.places.size))(this.codes.subarray(0, this.clicks));
    return Buffer.concat([length, values, new Uint8Array(codes.buffer)]);
  }

  private placeOf(value: PackValue): number {
    let place = this.places.get(value);
    if (place === undefined) this.places.set(value, (place = this.places.size));
    return place;
  }
}

function codesFor(values: number) {
  if (values <= 2 ** 8) return Uint8Array;
  return values <= 2 ** 16 ? Uint16Array : Uint32Array;
}
