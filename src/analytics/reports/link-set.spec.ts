import { describe, expect, it } from '@jest/globals';
import { LinkSet } from './link-set.js';

describe(LinkSet.name, () => {
  it('has what it was made of', () => {
    const numbers = [0, 1, 31, 32, 65_536, 4_294_967_295];
    const set = new LinkSet(Uint32Array.from(numbers));
    expect(numbers.every((number) => set.has(number))).toBe(true);
    expect([2, 30, 33, 65_535, 65_537, 4_294_967_294].some((number) => set.has(number))).toBe(
      false,
    );
  });
});
