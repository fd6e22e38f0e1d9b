import { PAGE, PAGE_BITS, type PagedSums, SUMS } from '../packed-links.js';
import { PageTable } from '../page-table.js';
import { countsAt } from './kind-sums.js';
import type { Counts } from './reports.types.js';
import { SumsMemory } from './sums-memory.js';

const FIRST_PAGES = 64;
/** Days that follow one another have mostly the same links. */
const SPARE = 1.125;
/** For all tallies. */
const MEMORY = new SumsMemory();
/** To find more of the top than these one by one takes longer than to sort all. */
const MOST_INSERTED = 256;

/** What was added up by links. */
export interface LinkSums {
  pages: readonly number[];
  /** Those of the links of each page, as `PagedSums`. */
  sums: Float64Array;
}

/**
 * Adds up clicks by the numbers of links. In one list of sums, where tables tell the place of a number:
 * to merge sorted lists takes twice as long, and an object for each of 100,000 links longer than to
 * count their clicks.
 */
export class LinkTally implements PagedSums, LinkSums {
  private readonly table = new PageTable();
  sums = MEMORY.take(FIRST_PAGES * PAGE * SUMS);

  /** Its memory may be used by others: it must not be used any more. */
  release(): void {
    MEMORY.give(this.sums);
  }

  get pages(): readonly number[] {
    return this.table.pages;
  }

  /** How many links there is room for: those that were counted, and their neighbours. */
  get size(): number {
    return this.pages.length * PAGE;
  }

  /** Adds what another has added up. */
  addAll({ pages, sums }: LinkSums): void {
    this.expect(pages.length);
    for (let place = 0; place < pages.length;) {
      const from = place * PAGE * SUMS;
      const offset = this.startOf(pages[place]!) - from;
      // Pages that follow one another in both are added at once: mostly all of them do.
      do place += 1;
      while (place < pages.length && this.startOf(pages[place]!) - place * PAGE * SUMS === offset);
      addBetween(from, place * PAGE * SUMS, sums, this.sums, offset);
    }
  }

  /** The clicks of all of these links. */
  sumOf(numbers: Uint32Array): Counts {
    const total = Array<number>(SUMS).fill(0);
    for (const number of numbers) {
      const at = this.find(number) * SUMS;
      if (at < 0) continue;
      for (let kind = 0; kind < SUMS; kind += 1) total[kind]! += this.sums[at + kind]!;
    }
    return countsAt(total, 0);
  }

  /** The links with most clicks, up to so many; of as many clicks, in the order of their numbers. */
  top(limit: number): [number: number, counts: Counts][] {
    const top = limit > MOST_INSERTED ? this.sorted().slice(0, limit) : this.first(limit);
    return top.map((place) => [this.numberAt(place), countsAt(this.sums, place * SUMS)]);
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
    this.sums = MEMORY.take(pages * PAGE * SUMS);
    this.sums.set(sums);
    MEMORY.give(sums);
  }

  private sorted(): number[] {
    const places = Array.from({ length: this.size }, (_, place) => place);
    return places
      .filter((place) => this.clicksAt(place) > 0)
      .toSorted((a, b) => (this.isBefore(a, b) ? -1 : 1));
  }

  private first(limit: number): number[] {
    const { size } = this;
    const top: number[] = [];
    let fewest = 1;
    for (let place = 0; place < size; place += 1) {
      if (this.clicksAt(place) < fewest) continue;
      let rank = top.length;
      while (rank > 0 && this.isBefore(place, top[rank - 1]!)) rank -= 1;
      top.splice(rank, 0, place);
      if (top.length > limit) top.pop();
      if (top.length === limit) fewest = this.clicksAt(top.at(-1)!);
    }
    return top;
  }

  private isBefore(place: number, other: number): boolean {
    const more = this.clicksAt(place) - this.clicksAt(other);
    return more > 0 || (more === 0 && this.numberAt(place) < this.numberAt(other));
  }

  private numberAt(place: number): number {
    return this.table.pages[place >>> PAGE_BITS]! * PAGE + (place & (PAGE - 1));
  }

  private clicksAt(place: number): number {
    const { sums } = this;
    const at = place * SUMS;
    return sums[at]! + sums[at + 1]! + sums[at + 2]!;
  }
}

function addBetween(
  from: number,
  end: number,
  addends: Float64Array,
  sums: Float64Array,
  offset: number,
): void {
  for (let at = from; at < end; at += 1) sums[at + offset]! += addends[at]!;
}
