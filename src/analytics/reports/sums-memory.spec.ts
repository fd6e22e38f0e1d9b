import { describe, expect, it } from '@jest/globals';
import { SumsMemory } from './sums-memory.js';

describe(SumsMemory.name, () => {
  it('gives large memory again, with zeros in it', () => {
    const memory = new SumsMemory();
    const sums = memory.take(20_000).fill(7);
    memory.give(sums);
    const again = memory.take(15_000);
    expect(again).toBe(sums);
    expect(again.every((sum) => sum === 0)).toBe(true);
    expect(memory.take(15_000)).not.toBe(sums);
  });

  it('never gives less than was asked for, and no large one for few', () => {
    const memory = new SumsMemory();
    memory.give(new Float64Array(20_000));
    expect(memory.take(20_001)).toHaveLength(20_001);
    expect(memory.take(100)).toHaveLength(100);
  });

  it('keeps the largest of many', () => {
    const memory = new SumsMemory();
    const given = Array.from({ length: 6 }, (_, n) => new Float64Array(20_000 + n));
    for (const sums of given) memory.give(sums);
    const taken = Array.from({ length: 5 }, () => memory.take(20_000));
    expect(taken.map((sums) => given.findIndex((each) => each === sums))).toEqual([2, 3, 4, 5, -1]);
  });
});
