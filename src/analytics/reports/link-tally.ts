import { LINK_WORDS } from '../packed-links.js';
import { NO_CLICKS } from './breakdown.js';
import type { Counts } from './reports.types.js';

/** Numbers that follow one another have their sums together, in a page: mostly all of them are counted. */
const PAGE_BITS = 4;
const PAGE = 1 << PAGE_BITS;
/** So many numbers have a table of their pages. */
const TABLE_BITS = 16;
const TABLE_PAGES = 1 << (TABLE_BITS - PAGE_BITS);
const FIRST_PAGES = 64;
/** Of each link: clicks, bots and visitors. */
const SUMS = 3;
/** To find more of the top than these one by one takes longer than to sort all. */
const MOST_INSERTED = 256;

/** Number, clicks, bots and visitors of one link after the other. */
export interface LinkList {
  size: number;
  words: Uint32Array;
}

/**
 * Adds up clicks by the numbers of links. In one list of sums, where tables tell the place of a number:
 * to look numbers up in a hash table, or to merge sorted ones, takes two or three times as long, and an
 * object for each of 100,000 links longer than to count their clicks.
 */
export class LinkTally {
  /** By the first bits of a number: for each page one more than its place, 0 if there is none. */
  private readonly tables = new Map<number, Int32Array>();
  /** The first number of each page. */
  private readonly firsts: number[] = [];
  private sums = new Float64Array(FIRST_PAGES * PAGE * SUMS);

  /** How many links there is room for: those that were counted, and their neighbours. */
  get size(): number {
    return this.firsts.length * PAGE;
  }

  add({ size, words }: LinkList): void {
    const end = size * LINK_WORDS;
    let last = 0;
    let pages = this.tableOf(0);
    let { sums } = this;
    for (let from = 0; from < end; from += LINK_WORDS) {
      const number = words[from]!;
      if (number >>> TABLE_BITS !== last) {
        last = number >>> TABLE_BITS;
        pages = this.tableOf(last);
      }
      const page = (number >>> PAGE_BITS) & (TABLE_PAGES - 1);
      let place = pages[page]!;
      if (place === 0) {
        pages[page] = place = this.newPage(number);
        ({ sums } = this);
      }
      const at = ((place - 1) * PAGE + (number & (PAGE - 1))) * SUMS;
      sums[at]! += words[from + 1]!;
      sums[at + 1]! += words[from + 2]!;
      sums[at + 2]! += words[from + 3]!;
    }
  }

  /** Takes clicks away that were added. */
  subtract({ size, words }: LinkList): void {
    for (let from = 0; from < size * LINK_WORDS; from += LINK_WORDS) {
      const at = this.find(words[from]!) * SUMS;
      this.sums[at]! -= words[from + 1]!;
      this.sums[at + 1]! -= words[from + 2]!;
      this.sums[at + 2]! -= words[from + 3]!;
    }
  }

  addAll({ firsts, sums }: LinkTally): void {
    for (const [place, first] of firsts.entries()) {
      const pages = this.tableOf(first >>> TABLE_BITS);
      const page = (first >>> PAGE_BITS) & (TABLE_PAGES - 1);
      if (pages[page] === 0) pages[page] = this.newPage(first);
      const to = (pages[page]! - 1) * PAGE * SUMS;
      const from = place * PAGE * SUMS;
      for (let at = 0; at < PAGE * SUMS; at += 1) this.sums[to + at]! += sums[from + at]!;
    }
  }

  /** The clicks of all of these links. */
  sumOf(numbers: Uint32Array): Counts {
    const sum = { ...NO_CLICKS };
    for (const number of numbers) {
      const at = this.find(number) * SUMS;
      if (at < 0) continue;
      sum.clicks += this.sums[at]!;
      sum.bots += this.sums[at + 1]!;
      sum.visitors += this.sums[at + 2]!;
    }
    return { ...sum, humans: sum.clicks - sum.bots };
  }

  /** The links with most clicks, up to so many; of as many clicks, in the order of their numbers. */
  top(limit: number): [number: number, counts: Counts][] {
    const top = limit > MOST_INSERTED ? this.sorted().slice(0, limit) : this.first(limit);
    return top.map((place) => [this.numberAt(place), this.countsAt(place)]);
  }

  /** The place of a link; negative if there is none. */
  private find(number: number): number {
    const pages = this.tables.get(number >>> TABLE_BITS);
    const page = pages?.[(number >>> PAGE_BITS) & (TABLE_PAGES - 1)] ?? 0;
    return page === 0 ? -1 : (page - 1) * PAGE + (number & (PAGE - 1));
  }

  private tableOf(bits: number): Int32Array {
    let pages = this.tables.get(bits);
    if (!pages) this.tables.set(bits, (pages = new Int32Array(TABLE_PAGES)));
    return pages;
  }

  /** @returns one more than its place */
  private newPage(number: number): number {
    const count = this.firsts.push(number - (number % PAGE));
    if (count * PAGE * SUMS > this.sums.length) {
      const { sums } = this;
      this.sums = new Float64Array(sums.length * 2);
      this.sums.set(sums);
    }
    return count;
  }

  /** The places of links with clicks. */
  private *places(): Iterable<number> {
    for (let place = 0; place < this.size; place += 1)
      if (this.sums[place * SUMS]! > 0) yield place;
  }

  private sorted(): number[] {
    return [...this.places()].toSorted((a, b) => (this.isBefore(a, b) ? -1 : 1));
  }

  private first(limit: number): number[] {
    const top: number[] = [];
    for (const place of this.places()) {
      if (top.length === limit && !this.isBefore(place, top.at(-1)!)) continue;
      let rank = top.length;
      while (rank > 0 && this.isBefore(place, top[rank - 1]!)) rank -= 1;
      top.splice(rank, 0, place);
      if (top.length > limit) top.pop();
    }
    return top;
  }

  private isBefore(place: number, other: number): boolean {
    const more = this.sums[place * SUMS]! - this.sums[other * SUMS]!;
    return more > 0 || (more === 0 && this.numberAt(place) < this.numberAt(other));
  }

  private numberAt(place: number): number {
    return this.firsts[place >>> PAGE_BITS]! + (place & (PAGE - 1));
  }

  private countsAt(place: number): Counts {
    const at = place * SUMS;
    const [clicks, bots] = [this.sums[at]!, this.sums[at + 1]!];
    return { clicks, humans: clicks - bots, bots, visitors: this.sums[at + 2]! };
  }
}
