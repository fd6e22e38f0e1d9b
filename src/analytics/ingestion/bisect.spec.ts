import { describe, expect, it } from '@jest/globals';
import { bisect } from './bisect.js';

const upTo = (length: number): number[] => Array.from({ length }, (_, n) => n);

/** As of ten links, of which the first has half of all. */
const inGroups = (items: number[]): number[][] =>
  upTo(10)
    .map((group) => items.filter((n) => (n % 2 === 0 ? 0 : n % 10) === group))
    .filter(({ length }) => length > 0);

describe(bisect, () => {
  /** Refuses whatever a bad item is in. */
  function storeThatRefuses(isBad: (item: number) => boolean) {
    const stored: number[] = [];
    let attempts = 0;
    const store = (part: number[]): Promise<boolean> => {
      attempts += 1;
      const isRefused = part.some(isBad);
      if (!isRefused) stored.push(...part);
      return Promise.resolve(!isRefused);
    };
    return { stored, store, attempts: () => attempts };
  }

  it.each([
    ['none', () => false],
    ['all', () => true],
    ['the first', (n: number) => n === 0],
    ['the last', (n: number) => n === 999],
    ['some that are scattered', (n: number) => n % 97 === 5],
    ['every other one', (n: number) => n % 2 === 0],
  ])('stores each item once but those that are refused: %s', async (_, isBad) => {
    const { stored, store } = storeThatRefuses(isBad);
    const { refused, undecided } = await bisect(inGroups(upTo(1_000)), store, 60_000);
    const sorted = (items: number[]) => items.toSorted((a, b) => a - b);
    expect(sorted(refused)).toEqual(upTo(1_000).filter(isBad));
    expect(sorted(stored)).toEqual(upTo(1_000).filter((n) => !isBad(n)));
    expect(undecided).toEqual([]);
  });

  it('finds one of a thousand in few attempts', async () => {
    const { store, attempts } = storeThatRefuses((n) => n === 321);
    await bisect(inGroups(upTo(1_000)), store, 60_000);
    expect(attempts()).toBeLessThan(25);
  });

  it('decides something each time, however little time there is, so that it comes to an end', async () => {
    const { stored, store } = storeThatRefuses((n) => n % 2 === 0);
    const refused: number[] = [];
    let left = upTo(50);
    for (let rounds = 0; left.length > 0; rounds += 1) {
      expect(rounds).toBeLessThan(50);
      const found = await bisect(inGroups(left), store, -1);
      expect(found.undecided.length).toBeLessThan(left.length);
      refused.push(...found.refused);
      left = found.undecided;
    }
    expect([refused.length, stored.length]).toEqual([25, 25]);
  });

  it('stores all other groups before it looks into one of which all is refused', async () => {
    const { stored, store, attempts } = storeThatRefuses((n) => n % 2 === 0);
    const seen: number[] = [];
    await bisect(
      inGroups(upTo(1_000)),
      async (part) => {
        const isStored = await store(part);
        if (part.length < 250) seen.push(stored.length);
        return isStored;
      },
      60_000,
    );
    expect(seen.filter((_, index) => index > 10).every((length) => length === 500)).toBe(true);
    expect(attempts()).toBeGreaterThan(1_000);
  });

  it('asks nothing about nothing', async () => {
    const { store, attempts } = storeThatRefuses(() => true);
    expect(await bisect([], store, 60_000)).toEqual({ refused: [], undecided: [] });
    expect(attempts()).toBe(0);
  });
});
