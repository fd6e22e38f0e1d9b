import { describe, expect, it } from '@jest/globals';
import { uuidv7 } from '../../common/uuid.js';
import { uuidBytes, wordsOfUuids } from '../pack-values.js';
import { LinkTally } from './link-tally.js';

const wordsOf = (ids: string[]): Uint32Array => wordsOfUuids(Buffer.concat(ids.map(uuidBytes)));

describe(LinkTally.name, () => {
  const ids = Array.from({ length: 5_000 }, () => uuidv7());
  const words = wordsOf(ids);
  const [a, b, c] = ids as [string, string, string];

  it('adds up clicks of links, by their bytes and by their text', () => {
    const tally = new LinkTally();
    tally.addAt(words, 1, 5, 1, 2);
    tally.add(b, { clicks: 2, humans: 1, bots: 1, visitors: 0 });
    tally.addAt(words, 0, 1, 0, 1);
    tally.add(c, { clicks: 0, humans: 0, bots: 0, visitors: 0 });
    expect(tally.size).toBe(2);
    expect(tally.top(10)).toEqual([
      [b, { clicks: 7, humans: 5, bots: 2, visitors: 2 }],
      [a, { clicks: 1, humans: 1, bots: 0, visitors: 1 }],
    ]);
  });

  it('has the links with most clicks, and of those with as many the first ones', () => {
    const tally = new LinkTally();
    for (const place of ids.keys()) tally.addAt(words, place, 1 + (place % 100), 0, 0);
    const most = ids.filter((_, place) => place % 100 === 99);
    expect(tally.top(50).map(([id]) => id)).toEqual(most.toSorted());
    expect(tally.top(3).map(([id]) => id)).toEqual(most.toSorted().slice(0, 3));
    expect(tally.top(ids.length)).toHaveLength(ids.length);
  });

  it('puts very many links in order soon', () => {
    // Each has as many clicks as all before it, or more: nothing takes longer to insert.
    const links = Array.from({ length: 50_000 }, (_, place) => ({
      id: uuidv7(),
      clicks: 1 + (place >> 2),
    }));
    const many = wordsOf(links.map(({ id }) => id));
    const tally = new LinkTally();
    for (const [place, { clicks }] of links.entries()) tally.addAt(many, place, clicks, 0, 0);
    const startedAt = performance.now();
    const top = tally.top(40_000);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    const sorted = links
      .toSorted((one, other) => other.clicks - one.clicks || (one.id < other.id ? -1 : 1))
      .map(({ id }) => id);
    expect(top.map(([id]) => id)).toEqual(sorted.slice(0, 40_000));
    for (const count of [1, 256, 257, 60_000]) {
      expect(tally.top(count).map(([id]) => id)).toEqual(sorted.slice(0, count));
    }
  });

  it('adds up the clicks of some links', () => {
    const tally = new LinkTally();
    tally.addAt(words, 0, 3, 1, 1);
    tally.addAt(words, 2, 4, 0, 2);
    const some = wordsOf([c, a, uuidv7()]);
    expect(tally.sumOf(some)).toEqual({ clicks: 7, humans: 6, bots: 1, visitors: 3 });
    expect(tally.sumOf(wordsOf([]))).toEqual({ clicks: 0, humans: 0, bots: 0, visitors: 0 });
  });

  it('adds another tally, and leaves that as it was', () => {
    const [tally, other] = [new LinkTally(), new LinkTally()];
    for (const place of ids.keys()) other.addAt(words, place, 2, 0, 1);
    tally.addAt(words, 7, 1, 1, 0);
    tally.addAll(other);
    expect(tally.size).toBe(ids.length);
    expect(tally.top(1)).toEqual([[ids[7], { clicks: 3, humans: 2, bots: 1, visitors: 1 }]]);
    expect(other.sumOf(words)).toMatchObject({ clicks: 10_000, bots: 0 });
    const copy = new LinkTally();
    copy.addAll(other);
    copy.add(uuidv7(), { clicks: 1, humans: 1, bots: 0, visitors: 1 });
    copy.addAt(words, 0, 1, 0, 0);
    expect([copy.size, other.size]).toEqual([ids.length + 1, ids.length]);
    expect([copy, other].map((each) => each.sumOf(words).clicks)).toEqual([10_001, 10_000]);
  });
});
