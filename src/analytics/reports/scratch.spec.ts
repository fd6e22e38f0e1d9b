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
    const words = scratch.words(5_000_000);
    scratch.reset();
    expect(scratch.words(5).buffer.byteLength).toBeLessThan(words.buffer.byteLength / 1_000);
  });
});
