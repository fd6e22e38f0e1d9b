import { KINDS } from './click-moment.js';
import { type NewWords, newWordsOfTheirOwn, plainBytes } from './pack-format.js';
import { VarintReader, VarintWriter } from './varints.js';

/** So many links that follow one another have a page. */
export const PAGE_BITS = 4;
export const PAGE = 1 << PAGE_BITS;
/** Sums of a link on a page: one of each kind of click. */
export const SUMS = KINDS.length;

/** How many links there are, and how many pages. */
const HEADER_BYTES = 8;
/** The number of a page, and which links of it there are. */
const PAGE_BYTES = 6;
/** Stands for a page that has no place yet. */
const NOWHERE = -1;
/** What is more than that is kept apart. */
const MOST_IN_BYTE = 255;

/** Some links. */
export interface WantedLinks {
  /** Which links of a page they are, one bit each. */
  onPage(page: number): number;
}

/** Where links are added up, page by page. */
export interface PagedSums {
  sums: Float64Array;
  /** There will be about so many pages. */
  expect(pages: number): void;
  /** Where the sums of the links of a page begin; it is made if there is none, and `sums` may change. */
  startOf(page: number): number;
}

/**
 * Links with how many clicks each has, in the order of their numbers: ids take 16 bytes, which is more
 * than all else that is known of most links. Numbers are written in pages: which page (four bytes), and
 * which links of it there are (two bytes, one bit for each). Then comes a byte for each link and kind of
 * click, and what is more than fits into one: how far it is from the last link with more, and how much
 * more there is of each kind (LEB128).
 */
export class PackedLinks {
  readonly size: number;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly countsAt: number;

  constructor(bytes: Buffer) {
    this.bytes = plainBytes(bytes);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.size = bytes.readUInt32LE();
    this.countsAt = HEADER_BYTES + bytes.readUInt32LE(4) * PAGE_BYTES;
  }

  /**
   * @param numbers ascending
   * @param counts as `counts` returns them
   */
  static encode(numbers: Uint32Array, counts: Uint32Array): Buffer {
    const header = Buffer.alloc(HEADER_BYTES);
    const pages = writePages(numbers);
    header.writeUInt32LE(numbers.length);
    header.writeUInt32LE(pages.length / PAGE_BYTES, 4);
    const low = Buffer.from(counts.map((count) => Math.min(count, MOST_IN_BYTE)));
    return Buffer.concat([header, pages, low, writeRest(counts)]);
  }

  /** How many clicks of each kind the links have: those of a kind after those of another. */
  counts(newWords: NewWords = newWordsOfTheirOwn): Uint32Array {
    const { size, bytes, countsAt } = this;
    const restAt = countsAt + size * SUMS;
    const counts = newWords(size * SUMS);
    counts.set(bytes.subarray(countsAt, restAt));
    const reader = new VarintReader(bytes, restAt);
    for (let place = -1; reader.offset < bytes.length;) {
      place += reader.next();
      for (let kind = 0; kind < SUMS; kind += 1) counts[kind * size + place]! += reader.next();
    }
    return counts;
  }

  /** The numbers of the links, ascending. */
  numbers(): Uint32Array {
    const numbers = new Uint32Array(this.size);
    const { view, countsAt } = this;
    let place = 0;
    for (let offset = HEADER_BYTES; offset < countsAt; offset += PAGE_BYTES) {
      const page = view.getUint32(offset, true);
      for (let rest = view.getUint16(offset + 4, true); rest !== 0; rest &= rest - 1) {
        numbers[place] = page * PAGE + lowestBit(rest);
        place += 1;
      }
    }
    return numbers;
  }

  /** The places of some of the links, ascending. */
  placesOf(wanted: WantedLinks, newWords: NewWords = newWordsOfTheirOwn): Uint32Array {
    const places = newWords(this.size);
    const { view, countsAt } = this;
    let count = 0;
    let place = 0;
    for (let offset = HEADER_BYTES; offset < countsAt; offset += PAGE_BYTES) {
      const page = view.getUint32(offset, true);
      const present = view.getUint16(offset + 4, true);
      for (let rest = present & wanted.onPage(page); rest !== 0; rest &= rest - 1) {
        places[count] = place + bitsBelow(rest, present);
        count += 1;
      }
      place += bitsOf(present);
    }
    return places.subarray(0, count);
  }

  /**
   * Adds counts to sums: what reports on workspaces do most.
   * @param counts as `counts` returns them
   * @param wanted only these links; all, if undefined
   */
  addTo(target: PagedSums, counts: Uint32Array, wanted?: WantedLinks): void {
    const { size, view, countsAt } = this;
    if (!wanted) target.expect((countsAt - HEADER_BYTES) / PAGE_BYTES);
    let place = 0;
    for (let offset = HEADER_BYTES; offset < countsAt; offset += PAGE_BYTES) {
      const page = view.getUint32(offset, true);
      const present = view.getUint16(offset + 4, true);
      const those = wanted ? present & wanted.onPage(page) : present;
      const isAll = those === present;
      const start = those === 0 ? NOWHERE : target.startOf(page);
      const { sums } = target;
      let index = place;
      for (let rest = those; rest !== 0; rest &= rest - 1) {
        if (!isAll) index = place + bitsBelow(rest, present);
        const at = start + lowestBit(rest) * SUMS;
        sums[at]! += counts[index]!;
        sums[at + 1]! += counts[size + index]!;
        sums[at + 2]! += counts[2 * size + index]!;
        index += 1;
      }
      place = isAll ? index : place + bitsOf(present);
    }
  }
}

/** Which of the bits that are set is the lowest. */
const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);

/** How many of 16 bits are set: in pairs, in fours and so on. */
function bitsOf(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x5555);
  const fours = (pairs & 0x3333) + ((pairs >>> 2) & 0x3333);
  const eights = (fours + (fours >>> 4)) & 0x0f0f;
  return (eights + (eights >>> 8)) & 0x1f;
}

/** How many of the bits that are set are below the lowest of the others. */
const bitsBelow = (others: number, bits: number): number => bitsOf(bits & ((others & -others) - 1));

function writePages(numbers: Uint32Array): Buffer {
  const bytes = Buffer.alloc(numbers.length * PAGE_BYTES);
  let end = 0;
  for (const [index, number] of numbers.entries()) {
    const page = number >>> PAGE_BITS;
    if (index === 0 || page !== numbers[index - 1]! >>> PAGE_BITS) {
      bytes.writeUInt32LE(page, end);
      end += PAGE_BYTES;
    }
    const present = bytes.readUInt16LE(end - 2);
    bytes.writeUInt16LE(present | (1 << (number & (PAGE - 1))), end - 2);
  }
  return bytes.subarray(0, end);
}

function writeRest(counts: Uint32Array): Buffer {
  const size = counts.length / SUMS;
  const rest = new VarintWriter();
  let last = -1;
  for (let place = 0; place < size; place += 1) {
    const more = KINDS.map((_, kind) => Math.max(0, counts[kind * size + place]! - MOST_IN_BYTE));
    if (more.every((count) => count === 0)) continue;
    rest.write(place - last);
    for (const count of more) rest.write(count);
    last = place;
  }
  return rest.written;
}
