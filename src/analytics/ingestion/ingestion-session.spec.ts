import { describe, expect, it } from '@jest/globals';
import { grouped } from './ingestion-session.js';
import type { Segment } from './spool-reader.js';

const sizesOf = (sizes: number[], maxBytes: number) =>
  grouped(
    sizes.map((bytes) => ({ bytes }) as Segment),
    maxBytes,
  ).map((group) => group.map(({ bytes }) => bytes));

describe(grouped, () => {
  it('puts segments together, in order, as long as they fit', () => {
    expect(sizesOf([3, 4, 3, 5, 5, 1], 10)).toEqual([[3, 4, 3], [5, 5], [1]]);
  });

  it('leaves a segment alone that is larger than a transaction should be', () => {
    expect(sizesOf([2, 20, 2], 10)).toEqual([[2], [20], [2]]);
  });

  it('makes no group of nothing', () => {
    expect(sizesOf([], 10)).toEqual([]);
  });
});
