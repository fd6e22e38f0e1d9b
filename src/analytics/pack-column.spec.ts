import { describe, expect, it } from '@jest/globals';
import { inOrder, PackColumnBuilder } from './pack-column-builder.js';
import { PackedColumn } from './pack-column.js';
import type { PackValue } from './pack-format.js';

const encode = (values: PackValue[]): Buffer => {
  const builder = new PackColumnBuilder(values.length);
  for (const value of values) builder.add(value);
  return builder.encode(inOrder(values.length));
};
const decode = (bytes: Buffer, clicks: number): PackValue[] => {
  const column = PackedColumn.decode(bytes, clicks);
  return Array.from({ length: clicks }, (_, click) => column.valueOf(click));
};

describe(PackedColumn.name, () => {
  it.each([
    ['a single value', Array<PackValue>(5).fill('US')],
    ['unknown values', [null, null]],
    ['known and unknown values', ['US', null, 'FR', 'US', null]],
    ['numbers', [3, 287, 0, 3]],
    ['texts of any kind', ['', '"', 'a,b', '\u0000', '💥', 'null']],
    ['three values', Array.from({ length: 101 }, (_, n) => n % 3)],
    ['16 values', Array.from({ length: 101 }, (_, n) => n % 16)],
    ['257 values, one after the other', Array.from({ length: 514 }, (_, n) => n >> 1)],
    ['256 values', Array.from({ length: 1_000 }, (_, n) => n % 256)],
    ['257 values', Array.from({ length: 1_000 }, (_, n) => n % 257)],
    ['65,537 values', Array.from({ length: 70_000 }, (_, n) => `v${n % 65_537}`)],
  ])('keeps %s', (_, values) => {
    expect(decode(encode(values), values.length)).toEqual(values);
  });

  it.each([
    ['nothing', 0, 1],
    ['a bit', 1 / 8, 2],
    ['two bits', 2 / 8, 3],
    ['four bits', 4 / 8, 16],
    ['a byte', 1, 17],
    ['two bytes', 2, 257],
  ])('takes %s for each click', (_, bytes, values) => {
    const length = (clicks: number) =>
      encode(Array.from({ length: clicks }, (__, n) => n % values)).length;
    expect(length(16_000) - length(800)).toBe(bytes * 15_200);
  });

  it('takes nothing for a click if all with the same value follow one another', () => {
    const values = (clicks: number) =>
      Array.from({ length: 3 * clicks }, (_, n) => Math.floor(n / clicks));
    expect(encode(values(1_000))).toHaveLength(encode(values(100)).length);
    expect(decode(encode(values(100)), 300)).toEqual(values(100));
  });

  it('is read wherever its bytes lie', () => {
    const values = Array.from({ length: 600 }, (_, n) => `value ${n % 300}`);
    const bytes = encode(values);
    for (const offset of [1, 2, 3]) {
      const moved = Buffer.concat([Buffer.alloc(offset), bytes]).subarray(offset);
      expect(decode(moved, values.length)).toEqual(values);
    }
  });
});

describe(PackColumnBuilder.name, () => {
  it('puts columns together that know different values', () => {
    const parts: PackValue[][] = [
      ['US', 'FR'],
      ['FR', null, 'DE'],
      ['DE', 'DE'],
      Array.from({ length: 300 }, (_, n) => `x${n}`),
    ];
    const clicks = parts.flat().length;
    const builder = new PackColumnBuilder(clicks);
    for (const part of parts) builder.append(PackedColumn.decode(encode(part), part.length));
    expect(decode(builder.encode(inOrder(clicks)), clicks)).toEqual(parts.flat());
    const backwards = inOrder(clicks).toReversed();
    expect(decode(builder.encode(backwards), clicks)).toEqual(parts.flat().toReversed());
  });

  const builderOf = (values: PackValue[]): PackColumnBuilder => {
    const builder = new PackColumnBuilder(values.length);
    for (const value of values) builder.add(value);
    return builder;
  };

  it('orders clicks by numbers', () => {
    expect([...builderOf([30, 4, 30, 100, 4, 30]).order()]).toEqual([1, 4, 0, 2, 5, 3]);
  });

  it('brings clicks together that have the same value', () => {
    const builder = builderOf(['US', 'FR', 'US', null, 'FR', 'US']);
    expect([...builder.grouped(Uint32Array.of(5, 4, 3, 2, 1, 0))]).toEqual([5, 2, 0, 4, 1, 3]);
  });

  it('takes a value many times', () => {
    const builder = new PackColumnBuilder(5);
    builder.addTimes(7, 2);
    builder.addTimes(3, 3);
    expect(decode(builder.encode(inOrder(5)), 5)).toEqual([7, 7, 3, 3, 3]);
    expect([1, 2].map((click) => builder.valueOf(click))).toEqual([7, 3]);
  });
});
