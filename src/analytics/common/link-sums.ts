import type { Counts } from '../analytics.types.js';
import { countsAt, KIND_COUNT } from './click-kinds.js';

/** Links whose sums are next to each other: the numbers of the links of a workspace mostly are, too. */
const PAGE_BITS = 8;
const PAGE = 1 << PAGE_BITS;
const NO_PAGE = new Float64Array(KIND_COUNT);

/**
 * Adds up clicks by the numbers of links: in pages of plain numbers, because an object for each of
 * 100,000 links would take longer than to count their clicks.
 */
export class LinkSums {
  private readonly pages = new Map<number, Float64Array>();

  /**
   * @param numbers ascending
   * @param counts of the links: those of one kind of all of them, then those of the next kind
   */
  add(numbers: Uint32Array, counts: Uint32Array): void {
    const { length } = numbers;
    let current = -1;
    let sums: Float64Array = NO_PAGE;
    for (let place = 0; place < length; place += 1) {
      const number = numbers[place]!;
      if (number >>> PAGE_BITS !== current) {
        current = number >>> PAGE_BITS;
        sums = this.page(current);
      }
      const to = (number & (PAGE - 1)) * KIND_COUNT;
      sums[to]! += counts[place]!;
      sums[to + 1]! += counts[length + place]!;
      sums[to + 2]! += counts[2 * length + place]!;
    }
  }

  /** The clicks of one link. */
  of(number: number): Counts {
    const page = this.pages.get(number >>> PAGE_BITS);
    return countsAt(page ?? NO_PAGE, page ? number & (PAGE - 1) : 0);
  }

  /** The links with most clicks, up to so many; of as many clicks, in the order of their numbers. */
  top(limit: number): [number: number, counts: Counts][] {
    const { numbers, clicks } = this.clicked();
    const least = Float64Array.from(clicks).toSorted().at(-limit) ?? 1;
    let ties = limit - clicks.filter((count) => count > least).length;
    const top = numbers.filter(
      (_, at) => clicks[at]! > least || (clicks[at] === least && ties-- > 0),
    );
    return top
      .map((number): [number, Counts] => [number, this.of(number)])
      .toSorted(([a, one], [b, other]) => other.clicks - one.clicks || a - b);
  }

  /** The links that have clicks, in the order of their numbers. */
  private clicked(): { numbers: number[]; clicks: number[] } {
    const numbers: number[] = [];
    const clicks: number[] = [];
    for (const [number, page] of [...this.pages].toSorted(([a], [b]) => a - b)) {
      for (let link = 0; link < PAGE; link += 1) {
        const at = link * KIND_COUNT;
        const count = page[at]! + page[at + 1]! + page[at + 2]!;
        if (count === 0) continue;
        numbers.push(number * PAGE + link);
        clicks.push(count);
      }
    }
    return { numbers, clicks };
  }

  private page(number: number): Float64Array {
    let page = this.pages.get(number);
    if (!page) this.pages.set(number, (page = new Float64Array(PAGE * KIND_COUNT)));
    return page;
  }
}
