import { type NewWords, newWordsOfTheirOwn, type PackValue, plainBytes } from './pack-format.js';

/** How many bytes there are for each code, and how many there are of the values. */
const HEADER_BYTES = 5;

const CODES = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array } as const;
type Width = 0 | keyof typeof CODES;

const widthFor = (values: number): Width =>
  values <= 1 ? 0 : values <= 2 ** 8 ? 1 : values <= 2 ** 16 ? 2 : 4;

/**
 * One respect of many clicks, dictionary-encoded as in Parquet: each value once, and for each click
 * the place of its value among them.
 */
export class PackedColumn {
  private constructor(
    readonly values: readonly PackValue[],
    readonly codes: Uint8Array | Uint32Array,
  ) {}

  /** The values as JSON, and the codes, little-endian: none, if there is only one value. */
  static encode(values: PackValue[], codes: Uint32Array): Buffer {
    const width = widthFor(values.length);
    const dictionary = Buffer.from(JSON.stringify(values));
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt8(width);
    header.writeUInt32LE(dictionary.length, 1);
    if (width === 0) return Buffer.concat([header, dictionary]);
    const { buffer } = new CODES[width](codes);
    return Buffer.concat([header, dictionary, new Uint8Array(buffer)]);
  }

  /** @param count of how many clicks */
  static decode(bytes: Buffer, count: number, newWords = newWordsOfTheirOwn): PackedColumn {
    const codesAt = HEADER_BYTES + bytes.readUInt32LE(1);
    const values = JSON.parse(bytes.toString('utf8', HEADER_BYTES, codesAt)) as PackValue[];
    const codes = plainBytes(bytes.subarray(codesAt));
    return new PackedColumn(values, codesOf(codes, bytes.readUInt8() as Width, newWords, count));
  }

  valueAt(click: number): PackValue {
    return this.values[this.codes[click]!]!;
  }
}

/** Single bytes stay where they are; words must begin at a multiple of their width, and need not there. */
function codesOf(
  bytes: Uint8Array,
  width: Width,
  newWords: NewWords,
  count: number,
): Uint8Array | Uint32Array {
  if (width === 1) return bytes;
  const codes = newWords(count);
  if (width === 0) return codes.fill(0);
  if (width === 4) new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength).set(bytes);
  else for (let at = 0; at < count; at += 1) codes[at] = bytes[2 * at]! | (bytes[2 * at + 1]! << 8);
  return codes;
}
