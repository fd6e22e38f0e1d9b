import { describe, expect, it } from '@jest/globals';
import { type LinkList, PackedLinks, PackedLinksBuilder } from '../packed-links.js';
import { LinkTally } from './link-tally.js';

const MANY = 5_000;
/** Not all of a page, not in their order, and up to the largest there is. */
const NUMBERS = Array.from({ length: MANY }, (_, n) => (n * 859_037 * 3) % 2 ** 32);

const listOf = (
  links: [number: number, clicks: number, bots?: number, visitors?: number][],
): LinkList => ({
  size: links.length,
  words: Uint32Array.from(
    links.flatMap(([number, clicks, bots = 0, visitors = 0]) => [number, clicks, bots, visitors]),
  ),
});

describe(LinkTally.name, () => {
  const [a, b, c] = NUMBERS as [number, number, number];

  it('adds up clicks of links, and takes them away again', () => {
    const tally = new LinkTally();
    tally.add(
      listOf([
        [b, 5, 1, 2],
        [a, 3, 0, 3],
      ]),
    );
    tally.add(
      listOf([
        [b, 2, 1, 0],
        [c, 4],
      ]),
    );
    tally.subtract(
      listOf([
        [a, 2, 0, 2],
        [c, 4],
      ]),
    );
    expect(tally.top(10)).toEqual([
      [b, { clicks: 7, humans: 5, bots: 2, visitors: 2 }],
      [a, { clicks: 1, humans: 1, bots: 0, visitors: 1 }],
    ]);
  });

  it('adds packed links', () => {
    const builder = new PackedLinksBuilder();
    const sorted = NUMBERS.toSorted((one, other) => one - other);
    for (const number of sorted) {
      for (let click = 0; click < number % 5; click += 1) builder.add(number, 'human');
      builder.add(number, 'visitor');
    }
    const packed = new PackedLinks(builder.build());
    const [tally, other] = [new LinkTally(), new LinkTally()];
    packed.addTo(tally);
    packed.addTo(tally);
    other.add(packed.toList());
    other.add(packed.toList());
    expect(tally.top(MANY)).toEqual(other.top(MANY));
    expect(tally.sumOf(Uint32Array.of(a)).clicks).toBe(2 * ((a % 5) + 1));
  });

  it('has the links with most clicks, and of those with as many the first ones', () => {
    const tally = new LinkTally();
    tally.add(listOf(NUMBERS.map((number, place) => [number, 1 + (place % 100)])));
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
    tally.add(listOf(links));
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
    tally.add(
      listOf([
        [a, 3, 1, 1],
        [c, 4, 0, 2],
      ]),
    );
    const some = Uint32Array.of(c, a, b, 4_294_967_295);
    expect(tally.sumOf(some)).toEqual({ clicks: 7, humans: 6, bots: 1, visitors: 3 });
    expect(tally.sumOf(new Uint32Array())).toEqual({ clicks: 0, humans: 0, bots: 0, visitors: 0 });
  });

  it('adds another tally, and leaves that as it was', () => {
    const [tally, other] = [new LinkTally(), new LinkTally()];
    other.add(listOf(NUMBERS.map((number) => [number, 2, 0, 1])));
    tally.add(listOf([[NUMBERS[7]!, 1, 1]]));
    tally.addAll(other);
    expect(tally.top(1)).toEqual([[NUMBERS[7], { clicks: 3, humans: 2, bots: 1, visitors: 1 }]]);
    const all = Uint32Array.from(NUMBERS);
    expect([tally, other].map((each) => each.sumOf(all).clicks)).toEqual([10_001, 10_000]);
  });
});
