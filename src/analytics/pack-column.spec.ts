import { describe, expect, it } from '@jest/globals';
import { PackedColumn, PackedColumnBuilder, type PackValue } from './pack-column.js';

const encode = (values: PackValue[]): Buffer => {
  const builder = new PackedColumnBuilder(values.length);
  for (const value of values) builder.add(value);
  return builder.encode();
};
const decode = (bytes: Buffer, clicks: number): PackValue[] => {
  const { values, codes } = PackedColumn.decode(bytes, clicks);
  return [...codes].map((code) => values[code]!);
};

describe(PackedColumn.name, () => {
  it.each([
    ['a single value', Array<PackValue>(5).fill('US')],
    ['unknown values', [null, null]],
    ['known and unknown values', ['US', null, 'FR', 'US', null]],
    ['numbers', [3, 287, 0, 3]],
    ['texts of any kind', ['', '"', 'a,b', '\u0000', '💥', 'null']],
    ['256 values', Array.from({ length: 1_000 }, (_, n) => n % 256)],
    ['257 values', Array.from({ length: 1_000 }, (_, n) => n % 257)],
    ['65,537 values', Array.from({ length: 70_000 }, (_, n) => `v${n % 65_537}`)],
  ])('keeps %s', (_, values) => {
    expect(decode(encode(values), values.length)).toEqual(values);
  });

  it('takes a byte for each click, and none for those that are all the same', () => {
    const length = (clicks: number, ...values: string[]) =>
      encode(Array.from({ length: clicks }, (_, n) => values[n % values.length]!)).length;
    expect(length(1_000, 'US', 'FR') - length(10, 'US', 'FR')).toBe(990);
    expect(length(1_000, 'US')).toBe(length(1, 'US'));
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

describe(PackedColumnBuilder.name, () => {
  it('puts columns together that know different values', () => {
    const parts: PackValue[][] = [
      ['US', 'FR'],
      ['FR', null, 'DE'],
      ['DE', 'DE'],
      Array.from({ length: 300 }, (_, n) => `x${n}`),
    ];
    const clicks = parts.flat().length;
    const builder = new PackedColumnBuilder(clicks);
    for (const part of parts) builder.append(PackedColumn.decode(encode(part), part.length));
    expect(decode(builder.encode(), clicks)).toEqual(parts.flat());
  });
});
