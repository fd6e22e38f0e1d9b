import { describe, expect, it } from '@jest/globals';
import { PAGE, PAGE_BITS } from '../packed-links.js';
import { LinkSet } from './link-set.js';

describe(LinkSet.name, () => {
  it('has what it was made of', () => {
    const numbers = [0, 1, 31, 32, 65_536, 4_294_967_295];
    const set = new LinkSet(Uint32Array.from(numbers));
    const has = (number: number) =>
      ((set.onPage(number >>> PAGE_BITS) >>> (number & (PAGE - 1))) & 1) === 1;
    expect(numbers.every(has)).toBe(true);
    expect([2, 30, 33, 65_535, 65_537, 4_294_967_294].some(has)).toBe(false);
  });
});
