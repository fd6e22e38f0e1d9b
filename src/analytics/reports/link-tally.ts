import { unpackUuid, uuidBytes, wordsOfUuids } from '../pack-values.js';
import { NO_CLICKS } from './breakdown.js';
import type { Counts } from './reports.types.js';
import { UNKNOWN, UuidIndex } from './uuid-index.js';

const FIRST_CAPACITY = 1_024;
const ID_BYTES = 16;
/** Of each link: clicks, bots and visitors. */
const SUMS = 3;
/** To find more of the top than these one by one takes longer than to sort all. */
const MOST_INSERTED = 256;

/**
 * Adds up clicks by link. In one list of numbers: an object and an id in text for each of 100,000
 * links take longer than to count their clicks, and only a few of them are shown.
 */
export class LinkTally {
  private index = new UuidIndex();
  private sums = new Float64Array(FIRST_CAPACITY * SUMS);

  /** How many links have been counted. */
  get size(): number {
    return this.index.size;
  }

  add(linkId: string, { clicks, bots, visitors }: Counts): void {
    if (clicks > 0) this.addAt(wordsOfUuids(uuidBytes(linkId)), 0, clicks, bots, visitors);
  }

  /**
   * @param ids many of them, as `PackValues.words`
   * @param place which of them it is
   */
  addAt(ids: Uint32Array, place: number, clicks: number, bots: number, visitors: number): void {
    const at = this.index.numberOf(ids, place) * SUMS;
    if (at === this.sums.length) this.grow();
    this.sums[at]! += clicks;
    this.sums[at + 1]! += bots;
    this.sums[at + 2]! += visitors;
  }

  addAll({ index, sums }: LinkTally): void {
    if (this.size === 0) {
      this.index = index.copy();
      this.sums = sums.slice();
      return;
    }
    const { ids, size } = index;
    for (let number = 0; number < size; number += 1) {
      const at = number * SUMS;
      this.addAt(ids, number, sums[at]!, sums[at + 1]!, sums[at + 2]!);
    }
  }

  /** The clicks of all of these links. @param ids as `PackValues.words` */
  sumOf(ids: Uint32Array): Counts {
    const sum = { ...NO_CLICKS };
    for (let place = 0; place * ID_BYTES < ids.byteLength; place += 1) {
      const number = this.index.find(ids, place);
      if (number === UNKNOWN) continue;
      const { clicks, humans, bots, visitors } = this.sumAt(number);
      sum.clicks += clicks;
      sum.humans += humans;
      sum.bots += bots;
      sum.visitors += visitors;
    }
    return sum;
  }

  /** The links with most clicks, up to so many; of as many clicks, in the order of their ids. */
  top(limit: number): [linkId: string, counts: Counts][] {
    const top = limit > MOST_INSERTED ? this.sorted().subarray(0, limit) : this.first(limit);
    return Array.from(top, (number) => [this.idAt(number), this.sumAt(number)]);
  }

  private sorted(): Uint32Array {
    const numbers = Uint32Array.from({ length: this.size }, (_, number) => number);
    return numbers.toSorted((a, b) => (this.isBefore(a, b) ? -1 : 1));
  }

  private first(limit: number): number[] {
    const top: number[] = [];
    for (let number = 0; number < this.size; number += 1) {
      if (top.length === limit && !this.isBefore(number, top.at(-1)!)) continue;
      let place = top.length;
      while (place > 0 && this.isBefore(number, top[place - 1]!)) place -= 1;
      top.splice(place, 0, number);
      if (top.length > limit) top.pop();
    }
    return top;
  }

  private isBefore(number: number, other: number): boolean {
    const more = this.sums[number * SUMS]! - this.sums[other * SUMS]!;
    return more > 0 || (more === 0 && this.index.isBefore(number, other));
  }

  private sumAt(number: number): Counts {
    const at = number * SUMS;
    const [clicks, bots] = [this.sums[at]!, this.sums[at + 1]!];
    return { clicks, humans: clicks - bots, bots, visitors: this.sums[at + 2]! };
  }

  private idAt(number: number): string {
    const { ids } = this.index;
    const bytes = Buffer.from(ids.buffer, ids.byteOffset + number * ID_BYTES, ID_BYTES);
    return unpackUuid(bytes.toString('latin1'));
  }

  private grow(): void {
    const { sums } = this;
    this.sums = new Float64Array(sums.length * 2);
    this.sums.set(sums);
  }
}
