import { describe, expect, it } from '@jest/globals';
import { PackedLinks } from '../packed-links.js';
import { LinkTally } from './link-tally.js';

const MANY = 5_000;
/** Not all of a page, not in their order, and up to the largest there is. */
const NUMBERS = Array.from({ length: MANY }, (_, n) => (n * 859_037 * 3) % 2 ** 32);

/** Adds clicks of links: humans that were there before, visitors and bots. */
function add(
  tally: LinkTally,
  links: [number: number, humans: number, visitors?: number, bots?: number][],
): void {
  const sorted = links.toSorted(([one], [other]) => one - other);
  const counts = [1, 2, 3].flatMap((kind) => sorted.map((link) => link[kind] ?? 0));
  const numbers = Uint32Array.from(sorted, ([number]) => number);
  const packed = new PackedLinks(PackedLinks.encode(numbers, Uint32Array.from(counts)));
  packed.addTo(tally, packed.counts());
}

describe(LinkTally.name, () => {
  const [a, b, c] = NUMBERS as [number, number, number];

  it('adds up clicks of links', () => {
    const tally = new LinkTally();
    add(tally, [
      [b, 2, 2, 1],
      [a, 0, 3],
    ]);
    add(tally, [
      [b, 1, 0, 1],
      [c, 4],
    ]);
    expect(tally.top(10)).toEqual([
      [b, { clicks: 7, humans: 5, bots: 2, visitors: 2 }],
      [c, { clicks: 4, humans: 4, bots: 0, visitors: 0 }],
      [a, { clicks: 3, humans: 3, bots: 0, visitors: 3 }],
    ]);
  });

  it('begins with nothing in memory that others have used', () => {
    const before = new LinkTally();
    add(
      before,
      NUMBERS.map((number) => [number, 5]),
    );
    before.release();
    const tally = new LinkTally();
    add(
      tally,
      NUMBERS.map((number) => [number, 0, 1]),
    );
    expect(tally.sumOf(Uint32Array.from(NUMBERS)).clicks).toBe(MANY);
  });

  it('has the links with most clicks, and of those with as many the first ones', () => {
    const tally = new LinkTally();
    add(
      tally,
      NUMBERS.map((number, place) => [number, 1 + (place % 100)]),
    );
    const most = NUMBERS.filter((_, place) => place % 100 === 99).toSorted((x, y) => x - y);
    for (const count of [3, 50]) {
      expect(tally.top(count).map(([number]) => number)).toEqual(most.slice(0, count));
    }
    expect(tally.top(MANY)).toHaveLength(MANY);
  });

  it('puts very many links in order soon', () => {
    // Each has as many clicks as all before it, or more: nothing takes longer to insert.
    const links = Array.from({ length: 50_000 }, (_, place): [number, number] => [
      place * 3,
      1 + (place >> 2),
    ]);
    const tally = new LinkTally();
    add(tally, links);
    const startedAt = performance.now();
    const top = tally.top(40_000);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    const sorted = links
      .toSorted((one, other) => other[1] - one[1] || one[0] - other[0])
      .map(([number]) => number);
    expect(top.map(([number]) => number)).toEqual(sorted.slice(0, 40_000));
    for (const count of [1, 256, 257, 60_000]) {
      expect(tally.top(count).map(([number]) => number)).toEqual(sorted.slice(0, count));
    }
  });

  it('adds up the clicks of some links', () => {
    const tally = new LinkTally();
    add(tally, [
      [a, 1, 1, 1],
      [c, 2, 2],
    ]);
    const some = Uint32Array.of(c, a, b, 4_294_967_295);
    expect(tally.sumOf(some)).toEqual({ clicks: 7, humans: 6, bots: 1, visitors: 3 });
    expect(tally.sumOf(new Uint32Array())).toEqual({ clicks: 0, humans: 0, bots: 0, visitors: 0 });
  });

  it('adds another tally, and leaves that as it was', () => {
    const [tally, other] = [new LinkTally(), new LinkTally()];
    add(
      other,
      NUMBERS.map((number) => [number, 1, 1]),
    );
    add(tally, [[NUMBERS[7]!, 0, 0, 1]]);
    tally.addAll(other);
    expect(tally.top(1)).toEqual([[NUMBERS[7], { clicks: 3, humans: 2, bots: 1, visitors: 1 }]]);
    const all = Uint32Array.from(NUMBERS);
    expect([tally, other].map((each) => each.sumOf(all).clicks)).toEqual([10_001, 10_000]);
  });
});
