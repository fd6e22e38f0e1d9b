import { KINDS } from './click-moment.js';
import { type NewWords, newWordsOfTheirOwn, plainBytes } from './pack-format.js';
import { VarintReader, VarintWriter } from './varints.js';

/** So many links that follow one another have a page. */
export const PAGE_BITS = 4;
export const PAGE = 1 << PAGE_BITS;
/** Sums of a link on a page: one of each kind of click. */
export const SUMS = KINDS.length;

/** How many links there are, how many pages, and how many bytes tell of pages. */
const HEADER_BYTES = 12;
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
 * than all else that is known of most links. Numbers are written in pages: how far it is from the last
 * page (LEB128), and which links of it there are (two bytes). Then comes a byte for each link and kind of
 * click, and what is more than fits into one: how far it is from the last link with more, and how much
 * more there is of each kind (LEB128).
 */
export class PackedLinks {
  readonly size: number;
  private readonly pages: number;
  private readonly bytes: Uint8Array;
  private readonly countsAt: number;

  constructor(bytes: Buffer) {
    this.bytes = plainBytes(bytes);
    const reader = new VarintReader(this.bytes);
    this.size = reader.nextWord();
    this.pages = reader.nextWord();
    this.countsAt = HEADER_BYTES + reader.nextWord();
  }

  /**
   * @param numbers ascending
   * @param counts as `counts` returns them
   */
  static encode(numbers: Uint32Array, counts: Uint32Array): Buffer {
    const header = Buffer.allocUnsafe(HEADER_BYTES);
    const table = new VarintWriter();
    header.writeUInt32LE(numbers.length);
    header.writeUInt32LE(writePages(numbers, table), 4);
    header.writeUInt32LE(table.written.length, 8);
    const low = Buffer.from(counts.map((count) => Math.min(count, MOST_IN_BYTE)));
    return Buffer.concat([header, table.written, low, writeRest(counts)]);
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
  numbers(newWords: NewWords = newWordsOfTheirOwn): Uint32Array {
    const numbers = newWords(this.size);
    const reader = new VarintReader(this.bytes, HEADER_BYTES);
    let place = 0;
    for (let page = 0; reader.offset < this.countsAt;) {
      page += reader.next();
      for (let rest = reader.nextPair(); rest !== 0; rest &= rest - 1) {
        numbers[place] = page * PAGE + lowestBit(rest);
        place += 1;
      }
    }
    return numbers;
  }

  /** The places of some of the links, ascending. */
  placesOf(wanted: WantedLinks, newWords: NewWords = newWordsOfTheirOwn): Uint32Array {
    const places = newWords(this.size);
    const reader = new VarintReader(this.bytes, HEADER_BYTES);
    let count = 0;
    let place = 0;
    for (let page = 0; reader.offset < this.countsAt;) {
      page += reader.next();
      const present = reader.nextPair();
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
    const { size } = this;
    const reader = new VarintReader(this.bytes, HEADER_BYTES);
    if (!wanted) target.expect(this.pages);
    let place = 0;
    for (let page = 0; reader.offset < this.countsAt;) {
      page += reader.next();
      const present = reader.nextPair();
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

/** @returns how many pages there are */
function writePages(numbers: Uint32Array, table: VarintWriter): number {
  let pages = 0;
  let last = 0;
  for (let index = 0; index < numbers.length;) {
    const page = numbers[index]! >>> PAGE_BITS;
    let present = 0;
    for (; index < numbers.length && numbers[index]! >>> PAGE_BITS === page; index += 1) {
      present |= 1 << (numbers[index]! & (PAGE - 1));
    }
    table.write(page - last);
    table.writeByte(present & 0xff);
    table.writeByte(present >>> 8);
    last = page;
    pages += 1;
  }
  return pages;
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
