import { unpackUuid, uuidBytes, wordsOfUuids } from '../pack-values.js';
import { NO_CLICKS } from './breakdown.js';
import type { Counts } from './reports.types.js';
import { UNKNOWN, UuidIndex } from './uuid-index.js';

const FIRST_CAPACITY = 1_024;
const ID_BYTES = 16;
/** Of each link: clicks, bots and visitors. */
const SUMS = 3;

/**
 * Adds up clicks by link. In one list of numbers: an object and an id in text for each of 100,000
 * links take longer than to count their clicks, and only a few of them are shown.
 */
export class LinkTally {
  private readonly index = new UuidIndex();
  private sums = new Float64Array(FIRST_CAPACITY * SUMS);

  /** How many links have been counted. */
  get size(): number {
    return this.index.size;
  }

  add(linkId: string, { clicks, bots, visitors }: Counts): void {
    this.addAt(wordsOfUuids(uuidBytes(linkId)), 0, clicks, bots, visitors);
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

  addAll(other: LinkTally): void {
    const { ids } = other.index;
    for (let number = 0; number < other.size; number += 1) {
      const { clicks, bots, visitors } = other.sumAt(number);
      this.addAt(ids, number, clicks, bots, visitors);
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
    const least = this.leastOf(limit);
    const top: [string, Counts][] = [];
    for (let number = 0; number < this.size; number += 1) {
      if (this.sums[number * SUMS]! >= least) top.push([this.idAt(number), this.sumAt(number)]);
    }
    return top
      .toSorted(([a, { clicks: ofA }], [b, { clicks: ofB }]) => ofB - ofA || (a < b ? -1 : 1))
      .slice(0, limit);
  }

  /** How many clicks each has at least that is among so many. */
  private leastOf(limit: number): number {
    if (this.size <= limit) return 1;
    const clicks = Float64Array.from(
      { length: this.size },
      (_, number) => this.sums[number * SUMS]!,
    );
    return Math.max(1, clicks.toSorted()[this.size - limit]!);
  }

  private sumAt(number: number): Counts {
    const [clicks, bots, visitors] = this.sums.subarray(number * SUMS, (number + 1) * SUMS);
    return { clicks: clicks!, humans: clicks! - bots!, bots: bots!, visitors: visitors! };
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
