import { describe, expect, it } from '@jest/globals';
import { OTHER_VALUES } from '../analytics.types.js';
import { ClickSums, MOST_SUMS_OF_VALUES } from './click-sums.js';
import { LinkSums } from './link-sums.js';

const ONE = { clicks: 1, humans: 1, bots: 0, visitors: 0 };

describe(ClickSums, () => {
  it('has so many sums of values and no more, and loses no click', () => {
    const sums = new ClickSums();
    for (let n = 0; n < MOST_SUMS_OF_VALUES + 500; n += 1) {
      sums.addValue('referrer', `${n}.example`, ONE);
    }
    sums.addValue('referrer', '0.example', ONE);
    const values = sums.values.get('referrer')!;
    expect(values.size).toBe(MOST_SUMS_OF_VALUES + 1);
    expect(values.get(OTHER_VALUES)?.clicks).toBe(500);
    expect(values.get('0.example')?.clicks).toBe(2);
  });
});

describe(LinkSums, () => {
  const numbers = Uint32Array.of(0, 255, 256, 70_000, 2 ** 32 - 1);
  const sums = new LinkSums();
  const addClicks = (...clicks: number[]) =>
    sums.add(
      numbers,
      Uint32Array.from([...clicks, ...clicks.map(() => 0), ...clicks.map(() => 0)]),
    );
  addClicks(5, 1, 0, 3, 1);
  addClicks(0, 0, 0, 4, 0);

  it('has the links with most clicks first, and those of as many by their numbers', () => {
    const top = (limit: number) => sums.top(limit).map(([number, { clicks }]) => [number, clicks]);
    const all = [
      [70_000, 7],
      [0, 5],
      [255, 1],
      [2 ** 32 - 1, 1],
    ];
    for (const limit of [1, 2, 3, 4, 100]) expect(top(limit)).toEqual(all.slice(0, limit));
    expect(new LinkSums().top(10)).toEqual([]);
  });

  it('knows links that nobody clicked', () => {
    expect(sums.of(256)).toEqual({ clicks: 0, humans: 0, bots: 0, visitors: 0 });
    expect(sums.of(9_999_999)).toEqual({ clicks: 0, humans: 0, bots: 0, visitors: 0 });
  });
});
