import { describe, expect, it } from '@jest/globals';
import { PackedWords } from './packed-words.js';

describe(PackedWords.name, () => {
  it.each([0, 1, 7, 255, 256, 65_535, 65_536, 1_000_000, 2 ** 25 - 1])(
    'keeps numbers up to %i, wherever their bytes lie',
    (most) => {
      const numbers = Uint32Array.from({ length: 101 }, (_, n) => Math.floor((most * n) / 100));
      const bytes = PackedWords.encode(numbers);
      for (const offset of [0, 1, 2, 3]) {
        const words = new PackedWords(
          Buffer.concat([Buffer.alloc(offset), bytes]).subarray(offset),
        );
        expect(Array.from(numbers, (__, index) => words.at(index))).toEqual([...numbers]);
      }
    },
  );

  it.each([0, 1, 2, 3, 4, 5, 99])('adds to the sums of %i of them', (count) => {
    const numbers = Uint32Array.from({ length: 120 }, (_, n) => (n * 7) % 10);
    const sums = new Uint32Array(10).fill(100);
    const words = new PackedWords(PackedWords.encode(numbers));
    words.addEach(11, 11 + count, 2, sums);
    words.addEach(0, count, -1, sums);
    const expected = new Uint32Array(10).fill(100);
    for (const number of numbers.subarray(11, 11 + count)) expected[number]! += 2;
    for (const number of numbers.subarray(0, count)) expected[number]! -= 1;
    expect(sums).toEqual(expected);
  });

  it('takes as many bits for each as the largest needs', () => {
    const length = (count: number, most: number) =>
      PackedWords.encode(Uint32Array.from({ length: count }, (_, n) => n % (most + 1))).length;
    expect(length(9_000, 1) - length(1_000, 1)).toBe(1_000);
    expect(length(9_000, 255) - length(1_000, 255)).toBe(8_000);
    expect(length(200_000, 71_000) - length(120_000, 71_000)).toBe(170_000);
  });

  it('refuses a number that is too large', () => {
    expect(() => PackedWords.encode(Uint32Array.of(1, 2 ** 25))).toThrow(RangeError);
  });
});
