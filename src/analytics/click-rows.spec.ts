import { describe, expect, it } from '@jest/globals';
import { firstsOf, readRows, rowsOf, sortAlike, writeRows } from './click-rows.js';
import { PackColumnBuilder } from './pack-column-builder.js';
import { PackedColumn } from './pack-column.js';
import { inOrder, type PackValue } from './pack-format.js';

function buildersOf(columns: PackValue[][]): PackColumnBuilder[] {
  return columns.map((values) => {
    const builder = new PackColumnBuilder(values.length);
    for (const value of values) builder.add(value);
    return builder;
  });
}

/** The rows, with their weights. */
function fold(columns: PackValue[][]): [PackValue[], number][] {
  const builders = buildersOf(columns);
  const sorted = sortAlike(builders, inOrder(columns[0]!.length));
  const firsts = firstsOf(builders, sorted);
  const bytes = writeRows(builders, firsts, rowsOf(sorted, firsts));
  const { size, columns: parts, weights } = readRows(bytes, columns.length);
  const decoded = parts.map((part) => PackedColumn.decode(part, size));
  return [...weights].map((weight, row) => [decoded.map((column) => column.valueAt(row)), weight]);
}

describe('the rows of clicks', () => {
  it('are one for all clicks that are alike', () => {
    const rows = fold([
      ['US', 'FR', 'US', null, 'US', 'US'],
      ['x', 'x', 'y', 'x', 'x', 'y'],
    ]);
    expect(rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))).toEqual([
      [['FR', 'x'], 1],
      [['US', 'x'], 2],
      [['US', 'y'], 2],
      [[null, 'x'], 1],
    ]);
  });

  it('count every click once', () => {
    const columns = [7, 11, 300].map((values) =>
      Array.from({ length: 10_000 }, (_, n) => (n * n) % values),
    );
    const expected = new Map<string, number>();
    for (let click = 0; click < 10_000; click += 1) {
      const key = JSON.stringify(columns.map((column) => column[click]));
      expected.set(key, (expected.get(key) ?? 0) + 1);
    }
    const rows = fold(columns);
    expect(rows).toHaveLength(expected.size);
    expect(new Map(rows.map(([values, weight]) => [JSON.stringify(values), weight]))).toEqual(
      expected,
    );
  });

  it('leave clicks that are alike in their order', () => {
    const builders = buildersOf([['US', 'FR', 'US', 'FR', 'US']]);
    expect([...sortAlike(builders, Uint32Array.of(4, 3, 2, 1, 0))]).toEqual([4, 2, 0, 3, 1]);
  });
});
