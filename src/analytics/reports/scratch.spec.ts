import { describe, expect, it } from '@jest/globals';
import { Scratch } from './scratch.js';

describe(Scratch.name, () => {
  it('gives room that is not given to others before it is taken back', () => {
    const scratch = new Scratch();
    const lists = [3, 1_000, 7, 20_000, 0, 5].map((length) => ({
      words: scratch.words(length).fill(length),
      bytes: scratch.bytes(length).fill(length % 256),
      length,
    }));
    for (const { words, bytes, length } of lists) {
      expect([...words]).toEqual(Array<number>(length).fill(length));
      expect([...bytes]).toEqual(Array<number>(length).fill(length % 256));
    }
  });

  it('uses the same memory again', () => {
    const scratch = new Scratch();
    scratch.words(100);
    const first = scratch.words(50);
    scratch.reset();
    const [again] = [scratch.words(100), scratch.words(50)];
    expect(again.buffer).toBe(first.buffer);
  });

  it('gives back what a very large pack has taken', () => {
    const scratch = new Scratch();
    const [words, numbers] = [scratch.words(5_000_000), scratch.numbers(5_000_000)];
    scratch.reset();
    expect(scratch.words(5).buffer.byteLength).toBeLessThan(words.buffer.byteLength / 1_000);
    expect(scratch.numbers(5).buffer.byteLength).toBeLessThan(numbers.buffer.byteLength / 1_000);
  });

  it('counts up to any number', () => {
    const scratch = new Scratch();
    expect([...scratch.numbers(3)]).toEqual([0, 1, 2]);
    expect(scratch.numbers(10_000).at(-1)).toBe(9_999);
    expect([...scratch.numbers(2)]).toEqual([0, 1]);
  });
});
