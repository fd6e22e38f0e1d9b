import { describe, expect, it } from '@jest/globals';
import {
  decodeColumn,
  decodeLinkCounts,
  decodeLinkNumbers,
  decodeRows,
  encodeColumn,
  encodeLinks,
  encodeRows,
  encodeVarints,
  PackedNumbers,
  VarintReader,
} from './codec.js';

const many = (count: number): string[] => Array.from({ length: count }, (_, n) => `value ${n}`);

describe('The bytes of a block', () => {
  it.each([[[]], [[0]], [[127, 128, 16_383, 16_384, 2 ** 32 - 1]]])(
    'hold numbers: %j',
    (numbers) => {
      const bytes = encodeVarints(numbers);
      const reader = new VarintReader(bytes);
      expect(numbers.map(() => reader.next())).toEqual(numbers);
      expect(reader.isAtEnd).toBe(true);
    },
  );

  it.each([[[]], [[0, 0]], [[1, 0, 1]], [[5, 2 ** 25 - 1, 0, 77]]])(
    'hold numbers that are read one by one: %j',
    (numbers) => {
      const packed = new PackedNumbers(PackedNumbers.encode(Uint32Array.from(numbers)));
      expect(numbers.map((_, index) => packed.at(index))).toEqual(numbers);
    },
  );

  it('hold no number of a link beyond what four bytes can be read for', () => {
    expect(() => PackedNumbers.encode(Uint32Array.of(2 ** 25))).toThrow(RangeError);
  });

  it.each([1, 2, 256, 257, 65_536, 65_537])('hold a column of %i values', (count) => {
    const values = many(count).with(0, '💥"\n');
    const codes = Uint32Array.from(values, (_, place) => count - 1 - place);
    // Wherever it begins in memory.
    const bytes = Buffer.concat([Buffer.alloc(3), encodeColumn({ values, codes })]).subarray(3);
    const column = decodeColumn(bytes, count);
    expect(column.values).toEqual(values);
    expect([...column.codes]).toEqual([...codes]);
  });

  it('hold rows with their weights', () => {
    const columns = [
      encodeColumn({ values: ['human', 'bot'], codes: Uint32Array.of(0, 1, 1) }),
      encodeColumn({ values: [null], codes: Uint32Array.of(0, 0, 0) }),
    ];
    const weights = Uint32Array.of(1, 300, 70_000);
    for (const optional of [[], columns]) {
      const rows = decodeRows(encodeRows({ weights, columns, optional }), 2);
      expect(rows).toEqual({ size: 3, columns, weights, optional });
    }
  });

  it('hold links with their counts, small and large, far from each other and near', () => {
    const numbers = Uint32Array.of(0, 15, 16, 1_000_000, 2 ** 32 - 1);
    const counts = Uint32Array.of(0, 0, 1, 255, 256, 0, 1, 2, 3, 70_000, 0, 1_000_000, 9, 9, 9);
    const none = { numbers: new Uint32Array(), counts: new Uint32Array() };
    for (const links of [{ numbers, counts }, none]) {
      const bytes = encodeLinks(links);
      expect(decodeLinkNumbers(bytes)).toEqual(links.numbers);
      expect(decodeLinkCounts(bytes)).toEqual(links.counts);
    }
  });
});
