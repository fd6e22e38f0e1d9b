import { KIND_COUNT, KINDS } from '../common/click-kinds.js';

/*
 * The parts of a block as bytes, and back; docs/click-blocks.md draws them. All numbers are
 * little-endian.
 */

/** What a click has in a column; null is "unknown". */
export type ColumnValue = string | number | null;

/**
 * Writes numbers from 0 to 2³² - 1 one after the other, small ones in few bytes: seven bits in each,
 * and the eighth says that there are more (LEB128, DWARF 5 §7.6).
 */
export function encodeVarints(numbers: Iterable<number>): Buffer {
  const bytes: number[] = [];
  for (const number of numbers) {
    let rest = number;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
  }
  return Buffer.from(bytes);
}

/** Reads them one by one. */
export class VarintReader {
  private offset = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.offset === this.bytes.length;
  }

  /** How many bytes were read. */
  get position(): number {
    return this.offset;
  }

  next(): number {
    let byte = this.bytes[this.offset]!;
    let number = byte & 0x7f;
    for (let scale = 128; byte > 0x7f; scale *= 128) {
      this.offset += 1;
      byte = this.bytes[this.offset]!;
      number += (byte & 0x7f) * scale;
    }
    this.offset += 1;
    return number;
  }
}

/** So that four bytes can be read wherever a number begins. */
const PADDING = 3;
/** With up to seven bits before them, those of a number are in four bytes. */
const MOST_BITS = 25;

/** Numbers, each in as few bits as the largest needs, that are read one by one where they are. */
export class PackedNumbers {
  private readonly view: DataView;
  private readonly width: number;
  private readonly mask: number;

  constructor(bytes: Buffer) {
    this.width = bytes.readUInt8();
    this.mask = 2 ** this.width - 1;
    this.view = new DataView(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1);
  }

  /** @throws RangeError if one is 2²⁵ or more */
  static encode(numbers: Uint32Array): Buffer {
    const most = numbers.reduce((max, number) => Math.max(max, number), 0);
    const width = Math.max(1, 32 - Math.clz32(most));
    if (width > MOST_BITS) throw new RangeError(`${most} has more than ${MOST_BITS} bits`);
    const bytes = Buffer.alloc(1 + Math.ceil((numbers.length * width) / 8) + PADDING);
    bytes.writeUInt8(width);
    const words = bytes.subarray(1);
    for (let index = 0, bit = 0; index < numbers.length; index += 1, bit += width) {
      const at = bit >>> 3;
      words.writeUInt32LE((words.readUInt32LE(at) | (numbers[index]! << (bit & 7))) >>> 0, at);
    }
    return bytes;
  }

  at(index: number): number {
    const bit = index * this.width;
    return (this.view.getUint32(bit >>> 3, true) >>> (bit & 7)) & this.mask;
  }
}

/** A column of rows, dictionary-encoded as in Parquet. */
export interface Column {
  /** Each once. */
  values: readonly ColumnValue[];
  /** For each row the place of its value among them. */
  codes: Uint8Array | Uint16Array | Uint32Array;
}

const COLUMN_HEADER_BYTES = 5;
const CODE_ARRAYS = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array } as const;

/** How many bytes a code has; 0 if there is only one value, which needs none. */
const codeBytes = (values: number): 0 | keyof typeof CODE_ARRAYS =>
  values <= 1 ? 0 : values <= 2 ** 8 ? 1 : values <= 2 ** 16 ? 2 : 4;

export function encodeColumn({ values, codes }: Column): Buffer {
  const width = codeBytes(values.length);
  const dictionary = Buffer.from(JSON.stringify(values));
  const header = Buffer.alloc(COLUMN_HEADER_BYTES);
  header.writeUInt8(width);
  header.writeUInt32LE(dictionary.length, 1);
  if (width === 0) return Buffer.concat([header, dictionary]);
  const { buffer } = CODE_ARRAYS[width].from(codes);
  return Buffer.concat([header, dictionary, new Uint8Array(buffer)]);
}

/** @param size how many rows */
export function decodeColumn(bytes: Buffer, size: number): Column {
  const width = bytes.readUInt8();
  const codesAt = COLUMN_HEADER_BYTES + bytes.readUInt32LE(1);
  const values: ColumnValue[] = JSON.parse(bytes.toString('utf8', COLUMN_HEADER_BYTES, codesAt));
  const rest = bytes.subarray(codesAt);
  if (width === 0) return { values, codes: new Uint8Array(size) };
  if (width === 1) return { values, codes: new Uint8Array(rest) };
  // Words must begin at a multiple of their width: they are copied.
  const { buffer } = new Uint8Array(rest);
  return { values, codes: width === 2 ? new Uint16Array(buffer) : new Uint32Array(buffer) };
}

/** Clicks that are alike in all columns, as one row each: of a day far fewer than there are clicks. */
export interface Rows {
  size: number;
  /** How many clicks each row stands for. */
  weights: Uint32Array;
  /** Encoded, in the order they were given in. */
  columns: Buffer[];
  /** The same of columns that a block need not have: as many as it has. */
  optional: Buffer[];
}

/**
 * How many rows there are, how long each column is, the columns, and the weights; then the optional
 * columns, each after its length. They come last, so that who does not know them reads the rest.
 */
export function encodeRows({ weights, columns, optional }: Omit<Rows, 'size'>): Buffer {
  const head = Uint32Array.of(weights.length, ...columns.map(({ length }) => length));
  const more = optional.flatMap((column) => [lengthOf(column), column]);
  return Buffer.concat([new Uint8Array(head.buffer), ...columns, encodeVarints(weights), ...more]);
}

function lengthOf(column: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(column.length);
  return length;
}

/** @param count of the columns that are not optional */
export function decodeRows(bytes: Buffer, count: number): Rows {
  const size = bytes.readUInt32LE();
  let offset = 4 * (1 + count);
  const columns = Array.from({ length: count }, (_, index) => {
    const length = bytes.readUInt32LE(4 * (1 + index));
    return bytes.subarray(offset, (offset += length));
  });
  const reader = new VarintReader(bytes.subarray(offset));
  const weights = new Uint32Array(size);
  for (let row = 0; row < size; row += 1) weights[row] = reader.next();
  offset += reader.position;
  const optional: Buffer[] = [];
  while (offset < bytes.length) {
    const start = offset + 4;
    offset = start + bytes.readUInt32LE(offset);
    optional.push(bytes.subarray(start, offset));
  }
  return { size, columns, weights, optional };
}

/** Links and how many clicks of each kind they have. */
export interface CountedLinks {
  /** Ascending. */
  numbers: Uint32Array;
  /** Those of one kind of all links, then those of the next kind. */
  counts: Uint32Array;
}

/** So many links that follow one another are a page. */
const PAGE_BITS = 4;
const PAGE = 1 << PAGE_BITS;
const LINKS_HEADER_BYTES = 8;
const PAGE_BYTES = 6;
/** What is more than that is kept apart. */
const MOST_IN_BYTE = 255;

/**
 * How many links and pages there are; the pages, each as its number and one bit for each link that
 * there is; a byte for each count, those of one kind after those of another; and what is more than
 * fits into one: how far the link is from the last such, and how much more there is of each kind.
 */
export function encodeLinks({ numbers, counts }: CountedLinks): Buffer {
  const pages: { number: number; links: number }[] = [];
  for (const number of numbers) {
    if (pages.at(-1)?.number !== number >>> PAGE_BITS)
      pages.push({ number: number >>> PAGE_BITS, links: 0 });
    pages.at(-1)!.links |= 1 << (number & (PAGE - 1));
  }
  const head = Buffer.alloc(LINKS_HEADER_BYTES + pages.length * PAGE_BYTES);
  head.writeUInt32LE(numbers.length);
  head.writeUInt32LE(pages.length, 4);
  for (const [index, { number, links }] of pages.entries()) {
    head.writeUInt32LE(number, LINKS_HEADER_BYTES + index * PAGE_BYTES);
    head.writeUInt16LE(links, LINKS_HEADER_BYTES + index * PAGE_BYTES + 4);
  }
  const low = Buffer.from(counts.map((count) => Math.min(count, MOST_IN_BYTE)));
  const more: number[] = [];
  let last = -1;
  for (const place of numbers.keys()) {
    const ofLink = KINDS.map((_, kind) => counts[kind * numbers.length + place]!);
    if (ofLink.every((count) => count <= MOST_IN_BYTE)) continue;
    more.push(place - last, ...ofLink.map((count) => Math.max(0, count - MOST_IN_BYTE)));
    last = place;
  }
  return Buffer.concat([head, low, encodeVarints(more)]);
}

/** The numbers of the links, ascending. */
export function decodeLinkNumbers(bytes: Buffer): Uint32Array {
  const { size, pages, view } = openLinks(bytes);
  const numbers = new Uint32Array(size);
  let place = 0;
  for (let page = 0, at = LINKS_HEADER_BYTES; page < pages; page += 1, at += PAGE_BYTES) {
    const first = view.getUint32(at, true) * PAGE;
    for (let rest = view.getUint16(at + 4, true); rest !== 0; rest &= rest - 1) {
      numbers[place] = first + 31 - Math.clz32(rest & -rest);
      place += 1;
    }
  }
  return numbers;
}

/** The counts of the links, as in CountedLinks. */
export function decodeLinkCounts(bytes: Buffer): Uint32Array {
  const { size, pages } = openLinks(bytes);
  const low = bytes.subarray(LINKS_HEADER_BYTES + pages * PAGE_BYTES);
  const counts = new Uint32Array(low.subarray(0, size * KIND_COUNT));
  const more = new VarintReader(low.subarray(counts.length));
  for (let link = -1; !more.isAtEnd;) {
    link += more.next();
    for (let kind = 0; kind < KIND_COUNT; kind += 1) counts[kind * size + link]! += more.next();
  }
  return counts;
}

function openLinks({ buffer, byteOffset, length }: Buffer): {
  size: number;
  pages: number;
  view: DataView;
} {
  const view = new DataView(buffer, byteOffset, length);
  return { size: view.getUint32(0, true), pages: view.getUint32(4, true), view };
}
