import { describe, expect, it } from '@jest/globals';
import type { Kind } from './click-moment.js';
import { LINK_WORDS, PackedLinks, PackedLinksBuilder } from './packed-links.js';
import { LinkSet } from './reports/link-set.js';

/** Number, humans, bots and visitors of each. */
const LINKS = [
  [0, 1, 0, 0],
  [5, 0, 0, 300],
  [15, 2, 129, 1],
  [16, 0, 1, 0],
  [1_000_000, 20_000, 0, 0],
  [4_294_967_295, 0, 0, 1],
] as const;

function pack(links: readonly (readonly [number, number, number, number])[]): PackedLinks {
  const builder = new PackedLinksBuilder();
  for (const [number, ...clicks] of links) {
    for (const [place, kind] of (['human', 'bot', 'visitor'] as Kind[]).entries()) {
      for (let click = 0; click < clicks[place]!; click += 1) builder.add(number, kind);
    }
  }
  return new PackedLinks(builder.build());
}

function read(packed: PackedLinks, wanted?: LinkSet): number[][] {
  const { size, words } = packed.toList(undefined, wanted);
  return Array.from({ length: size }, (_, n) => [
    ...words.subarray(n * LINK_WORDS, (n + 1) * LINK_WORDS),
  ]);
}

describe(PackedLinks.name, () => {
  const expected = LINKS.map(([number, humans, bots, visitors]) => [
    number,
    humans + bots + visitors,
    bots,
    visitors,
  ]);

  it('keeps the counts of each link', () => {
    expect(read(pack(LINKS))).toEqual(expected);
    expect(read(pack([]))).toEqual([]);
  });

  it('tells some of them, whether there are others on their pages or not', () => {
    for (const numbers of [[5, 16, 4_294_967_295], [0, 1, 2], [1_000_000], [77], []]) {
      expect(read(pack(LINKS), new LinkSet(Uint32Array.from(numbers)))).toEqual(
        expected.filter(([number]) => numbers.includes(number!)),
      );
    }
  });
});
