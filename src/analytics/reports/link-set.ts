import { PAGE, PAGE_BITS } from '../packed-links.js';
import { PageTable } from '../page-table.js';

/** Links by their numbers. */
export class LinkSet {
  private readonly table = new PageTable();
  private readonly bits: number[] = [];

  constructor(numbers: Uint32Array) {
    for (const number of numbers) {
      const place = this.table.placeOf(number >>> PAGE_BITS);
      this.bits[place] = (this.bits[place] ?? 0) | (1 << (number & (PAGE - 1)));
    }
  }

  /** Which links of a page belong to it, one bit each. */
  onPage(page: number): number {
    return this.bits[this.table.find(page)] ?? 0;
  }
}
