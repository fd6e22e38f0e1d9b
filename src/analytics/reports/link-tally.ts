import {
  type LinkList,
  LINK_WORDS,
  PAGE,
  PAGE_BITS,
  type PagedSums,
  SUMS,
} from '../packed-links.js';
import { PageTable } from '../page-table.js';
import { NO_CLICKS } from './breakdown.js';
import type { Counts } from './reports.types.js';

const FIRST_PAGES = 64;
/** Days that follow one another have mostly the same links. */
const SPARE = 1.125;
/** To find more of the top than these one by one takes longer than to sort all. */
const MOST_INSERTED = 256;

/**
 * Adds up clicks by the numbers of links. In one list of sums, where tables tell the place of a number:
 * to merge sorted lists takes twice as long, and an object for each of 100,000 links longer than to
 * count their clicks.
 */
export class LinkTally implements PagedSums {
  private readonly table = new PageTable();
  sums = new Float64Array(FIRST_PAGES * PAGE * SUMS);

  /** How many links there is room for: those that were counted, and their neighbours. */
  get size(): number {
    return this.table.pages.length * PAGE;
  }

  add({ size, words }: LinkList): void {
    let last = -1;
    let start = 0;
    for (let from = 0; from < size * LINK_WORDS; from += LINK_WORDS) {
      const number = words[from]!;
      if (number >>> PAGE_BITS !== last) {
        last = number >>> PAGE_BITS;
        start = this.startOf(last);
      }
      const at = start + (number & (PAGE - 1)) * SUMS;
      this.sums[at]! += words[from + 1]!;
      this.sums[at + 1]! += words[from + 2]!;
      this.sums[at + 2]! += words[from + 3]!;
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

  addAll({ table, sums, size }: LinkTally): void {
    this.expect(table.pages.length);
    for (let place = 0; place < size; place += PAGE) {
      const to = this.startOf(table.pages[place >>> PAGE_BITS]!);
      const from = place * SUMS;
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

  expect(pages: number): void {
    if (pages * PAGE * SUMS > this.sums.length) this.makeRoom(Math.ceil(pages * SPARE));
  }

  startOf(page: number): number {
    const place = this.table.placeOf(page);
    if (place * PAGE * SUMS === this.sums.length) this.makeRoom(2 * place);
    return place * PAGE * SUMS;
  }

  /** The place of a link; negative if there is none. */
  private find(number: number): number {
    return this.table.find(number >>> PAGE_BITS) * PAGE + (number & (PAGE - 1));
  }

  private makeRoom(pages: number): void {
    const { sums } = this;
    this.sums = new Float64Array(pages * PAGE * SUMS);
    this.sums.set(sums);
  }

  private sorted(): number[] {
    const places = Array.from({ length: this.size }, (_, place) => place);
    return places
      .filter((place) => this.sums[place * SUMS]! > 0)
      .toSorted((a, b) => (this.isBefore(a, b) ? -1 : 1));
  }

  private first(limit: number): number[] {
    const { sums, size } = this;
    const top: number[] = [];
    let fewest = 1;
    for (let place = 0; place < size; place += 1) {
      if (sums[place * SUMS]! < fewest) continue;
      let rank = top.length;
      while (rank > 0 && this.isBefore(place, top[rank - 1]!)) rank -= 1;
      top.splice(rank, 0, place);
      if (top.length > limit) top.pop();
      if (top.length === limit) fewest = sums[top.at(-1)! * SUMS]!;
    }
    return top;
  }

  private isBefore(place: number, other: number): boolean {
    const more = this.sums[place * SUMS]! - this.sums[other * SUMS]!;
    return more > 0 || (more === 0 && this.numberAt(place) < this.numberAt(other));
  }

  private numberAt(place: number): number {
    return this.table.pages[place >>> PAGE_BITS]! * PAGE + (place & (PAGE - 1));
  }

  private countsAt(place: number): Counts {
    const at = place * SUMS;
    const [clicks, bots] = [this.sums[at]!, this.sums[at + 1]!];
    return { clicks, humans: clicks - bots, bots, visitors: this.sums[at + 2]! };
  }
}
