import type { Kind } from './click-moment.js';
import { type NewWords, newWordsOfTheirOwn } from './pack-format.js';
import { VarintReader, VarintWriter } from './varints.js';

/** How many words there are for a link: its number, clicks, bots and visitors. */
export const LINK_WORDS = 4;
/** So many links that follow one another have a page. */
export const PAGE_BITS = 4;
export const PAGE = 1 << PAGE_BITS;
/** Sums of a link on a page: clicks, bots and visitors. */
export const SUMS = 3;

/** How many links there are, and how many pages. */
const HEADER_BYTES = 8;
/** Every link of a page. */
const ALL = -1;
/** What is below fits into one byte. */
const MANY = 0x80;

/** Number, clicks, bots and visitors of one link after the other. */
export interface LinkList {
  size: number;
  words: Uint32Array;
}

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
 * than all else that is known of most links. They are written in pages: how far it is from the last
 * page, which links of it there are (two bytes), and for each of them three numbers (LEB128).
 */
export class PackedLinks {
  private readonly bytes: Uint8Array;

  constructor(bytes: Buffer) {
    // Loops are quicker on as few kinds of arrays as possible, and Buffer is one of its own.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /**
   * As `addTo`, whose loop is spelled twice: V8 does not inline a function for the rest.
   * @param wanted only these of them; all, if undefined
   */
  toList(newWords: NewWords = newWordsOfTheirOwn, wanted?: WantedLinks): LinkList {
    const { bytes } = this;
    const reader = new VarintReader(bytes, 0);
    const words = newWords(reader.nextWord() * LINK_WORDS);
    let page = 0;
    let at = 0;
    for (let offset = HEADER_BYTES; offset < bytes.length;) {
      reader.offset = offset;
      page += reader.next();
      let present = reader.nextByte() | (reader.nextByte() << 8);
      ({ offset } = reader);
      const those = wanted ? wanted.onPage(page) : ALL;
      for (; present !== 0; present &= present - 1) {
        let clicks = bytes[offset]!;
        let bots = bytes[offset + 1]!;
        let visitors = bytes[offset + 2]!;
        if ((clicks | bots | visitors) < MANY) offset += SUMS;
        else {
          reader.offset = offset;
          clicks = reader.next();
          bots = reader.next();
          visitors = reader.next();
          ({ offset } = reader);
        }
        const link = lowestBit(present);
        if (((those >>> link) & 1) === 0) continue;
        words[at] = page * PAGE + link;
        words[at + 1] = clicks;
        words[at + 2] = bots;
        words[at + 3] = visitors;
        at += LINK_WORDS;
      }
    }
    return { size: at / LINK_WORDS, words };
  }

  /** What reports on workspaces do most: so without a list in between, or a call for each number. */
  addTo(target: PagedSums): void {
    const { bytes } = this;
    const reader = new VarintReader(bytes, HEADER_BYTES / 2);
    target.expect(reader.nextWord());
    let page = 0;
    for (let offset = HEADER_BYTES; offset < bytes.length;) {
      reader.offset = offset;
      page += reader.next();
      let present = reader.nextByte() | (reader.nextByte() << 8);
      ({ offset } = reader);
      const start = target.startOf(page);
      const { sums } = target;
      for (; present !== 0; present &= present - 1) {
        let clicks = bytes[offset]!;
        let bots = bytes[offset + 1]!;
        let visitors = bytes[offset + 2]!;
        if ((clicks | bots | visitors) < MANY) offset += SUMS;
        else {
          reader.offset = offset;
          clicks = reader.next();
          bots = reader.next();
          visitors = reader.next();
          ({ offset } = reader);
        }
        const at = start + lowestBit(present) * SUMS;
        sums[at]! += clicks;
        sums[at + 1]! += bots;
        sums[at + 2]! += visitors;
      }
    }
  }
}

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);

/** Packs links from clicks. */
export class PackedLinksBuilder {
  private readonly writer = new VarintWriter();
  private size = 0;
  private pages = 0;
  /** The links of the page, one after the other. */
  private links: { number: number; clicks: number; bots: number; visitors: number }[] = [];
  private lastPage = 0;

  /** @param number of the link; the clicks come in the order of these */
  add(number: number, kind: Kind): void {
    let link = this.links.at(-1);
    if (link?.number !== number) {
      if (link && link.number >>> PAGE_BITS !== number >>> PAGE_BITS) this.endPage();
      this.links.push((link = { number, clicks: 0, bots: 0, visitors: 0 }));
    }
    link.clicks += 1;
    if (kind === 'bot') link.bots += 1;
    else if (kind === 'visitor') link.visitors += 1;
  }

  build(): Buffer {
    this.endPage();
    const header = Buffer.allocUnsafe(HEADER_BYTES);
    header.writeUInt32LE(this.size);
    header.writeUInt32LE(this.pages, HEADER_BYTES / 2);
    return Buffer.concat([header, this.writer.written]);
  }

  private endPage(): void {
    const [first] = this.links;
    if (!first) return;
    const page = first.number >>> PAGE_BITS;
    this.writer.write(page - this.lastPage);
    const present = this.links.reduce((bits, { number }) => bits | (1 << (number & (PAGE - 1))), 0);
    this.writer.writeByte(present & 0xff);
    this.writer.writeByte(present >>> 8);
    for (const { clicks, bots, visitors } of this.links) {
      this.writer.write(clicks);
      this.writer.write(bots);
      this.writer.write(visitors);
    }
    this.lastPage = page;
    this.size += this.links.length;
    this.pages += 1;
    this.links = [];
  }
}
