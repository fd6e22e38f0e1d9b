import { describe, expect, it } from '@jest/globals';
import { KINDS } from './click-moment.js';
import { PackedLinks } from './packed-links.js';
import { LinkSet } from './reports/link-set.js';
import { LinkTally } from './reports/link-tally.js';

/** Number, and clicks of each kind. */
const LINKS = [
  [0, 1, 0, 0],
  [5, 0, 0, 300],
  [15, 2, 129, 1],
  [16, 0, 1, 0],
  [18, 255, 256, 4_000_000_000],
  [1_000_000, 20_000, 0, 0],
  [4_294_967_295, 0, 0, 1],
] as const;

function pack(links: readonly (readonly number[])[]): PackedLinks {
  const counts = KINDS.flatMap((_, kind) => links.map((link) => link[1 + kind]!));
  const numbers = links.map(([number]) => number!);
  return new PackedLinks(PackedLinks.encode(Uint32Array.from(numbers), Uint32Array.from(counts)));
}

function read(packed: PackedLinks): number[][] {
  const counts = packed.counts();
  return Array.from(packed.numbers(), (number, place) => [
    number,
    ...KINDS.map((_, kind) => counts[kind * packed.size + place]!),
  ]);
}

describe(PackedLinks.name, () => {
  it('keeps the counts of each link', () => {
    expect(read(pack(LINKS))).toEqual(LINKS);
    expect(read(pack([]))).toEqual([]);
  });

  const subsets = [[5, 16, 18, 4_294_967_295], [0, 1, 2], [15], [1_000_000], [77], []];

  it('tells the places of some of them, whether there are others on their pages or not', () => {
    for (const numbers of subsets) {
      const places = pack(LINKS).placesOf(new LinkSet(Uint32Array.from(numbers)));
      expect(Array.from(places, (place) => LINKS[place]![0])).toEqual(
        LINKS.map(([number]) => number).filter((number) => numbers.includes(number)),
      );
    }
  });

  it('adds counts of all of them to sums, or of some', () => {
    const packed = pack(LINKS);
    for (const numbers of [undefined, ...subsets]) {
      const tally = new LinkTally();
      const wanted = numbers && new LinkSet(Uint32Array.from(numbers));
      packed.addTo(tally, packed.counts(), wanted);
      packed.addTo(tally, packed.counts(), wanted);
      for (const [number, humans, visitors, bots] of LINKS) {
        const isCounted = !numbers || numbers.includes(number);
        const twice = isCounted ? 2 : 0;
        expect(tally.sumOf(Uint32Array.of(number))).toEqual({
          clicks: twice * (humans + visitors + bots),
          humans: twice * (humans + visitors),
          bots: twice * bots,
          visitors: twice * visitors,
        });
      }
    }
  });
});
