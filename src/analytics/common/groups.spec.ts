import { describe, expect, it } from '@jest/globals';
import { groupBy, groupsOf } from './groups.js';

const sizesOf = (sizes: number[], max: number) => groupsOf(sizes, (size) => size, max);

describe(groupsOf, () => {
  it('puts items together, in order, as long as they fit', () => {
    expect(sizesOf([3, 4, 3, 5, 5, 1], 10)).toEqual([[3, 4, 3], [5, 5], [1]]);
  });

  it('leaves an item alone that is larger than a group should be', () => {
    expect(sizesOf([2, 20, 2], 10)).toEqual([[2], [20], [2]]);
  });

  it('makes no group of nothing', () => {
    expect(sizesOf([], 10)).toEqual([]);
  });
});

describe(groupBy, () => {
  it('puts together what has the same key, in order', () => {
    expect([...groupBy([3, 1, 4, 1, 5], (n) => n % 2)]).toEqual([
      [1, [3, 1, 1, 5]],
      [0, [4]],
    ]);
  });
});
