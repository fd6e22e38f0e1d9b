import { describe, expect, it } from '@jest/globals';
import { PackColumnBuilder } from './pack-column-builder.js';
import { PackedColumn } from './pack-column.js';
import { inOrder, type PackValue } from './pack-format.js';

const builderOf = (values: PackValue[]): PackColumnBuilder => {
  const builder = new PackColumnBuilder(values.length);
  for (const value of values) builder.add(value);
  return builder;
};
const encode = (values: PackValue[]): Buffer => builderOf(values).encode(inOrder(values.length));
const decode = (bytes: Buffer, clicks: number): PackValue[] => {
  const column = PackedColumn.decode(bytes, clicks);
  return Array.from({ length: clicks }, (_, click) => column.valueAt(click));
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

  it.each([
    ['nothing', 0, 1],
    ['a byte', 1, 256],
    ['two bytes', 2, 257],
  ])('takes %s for each click', (_, bytes, values) => {
    const length = (clicks: number) =>
      encode(Array.from({ length: clicks }, (__, n) => n % values)).length;
    expect(length(16_000) - length(800)).toBe(bytes * 15_200);
  });

  it('is read wherever its bytes lie', () => {
    for (const count of [300, 70_000]) {
      const values = Array.from({ length: count }, (_, n) => `value ${n}`);
      const bytes = encode(values);
      for (const offset of [1, 2, 3]) {
        const moved = Buffer.concat([Buffer.alloc(offset), bytes]).subarray(offset);
        expect(decode(moved, values.length)).toEqual(values);
      }
    }
  });
});

describe(PackColumnBuilder.name, () => {
  it('takes clicks by their places in a list of values, once or several times', () => {
    const builder = builderOf(['US', 'FR']);
    const whole = new PackColumnBuilder(11);
    whole.addAll(builder.values, [0, 1]);
    whole.addAll(['DE', null, 'FR'], Uint8Array.of(2, 0, 1), Uint32Array.of(1, 3, 0));
    whole.addAll(['x', 'US'], [1, 0, 1, 1, 0]);
    expect(decode(whole.encode(inOrder(11)), 11)).toEqual([
      'US',
      'FR',
      'FR',
      'DE',
      'DE',
      'DE',
      'US',
      'x',
      'US',
      'US',
      'x',
    ]);
    const some = Uint32Array.of(10, 3, 0);
    expect(decode(whole.encode(some), 3)).toEqual(['x', 'DE', 'US']);
  });

  it('knows the order of numbers', () => {
    const builder = builderOf([30, 4, 30, 100, 4]);
    expect([...builder.ranks()]).toEqual([1, 0, 2]);
    expect([...builder.grouped(inOrder(5), builder.ranks())]).toEqual([1, 4, 0, 2, 3]);
  });

  it('brings clicks together that have the same value', () => {
    const builder = builderOf(['US', 'FR', 'US', null, 'FR', 'US']);
    expect([...builder.grouped(Uint32Array.of(5, 4, 3, 2, 1, 0))]).toEqual([5, 2, 0, 4, 1, 3]);
  });

  it('has values first that it is given, in their order', () => {
    const builder = new PackColumnBuilder(2, ['a', 'b', 'c']);
    builder.add('c');
    builder.add('x');
    expect(builder.values).toEqual(['a', 'b', 'c', 'x']);
    expect([builder.placeAt(0), builder.placeAt(1)]).toEqual([2, 3]);
  });
});
