import { describe, expect, it } from '@jest/globals';
import { foldClicks, unfold } from './folded-clicks.js';
import { PackColumnBuilder } from './pack-column-builder.js';
import { PackedColumn } from './pack-column.js';
import type { PackValue } from './pack-format.js';

/** The rows, with their weights. */
function fold(columns: PackValue[][]): [PackValue[], number][] {
  const builders = columns.map((values) => {
    const builder = new PackColumnBuilder(values.length);
    for (const value of values) builder.add(value);
    return builder;
  });
  const bytes = foldClicks(builders, columns[0]!.length);
  const { rows, columns: parts, weights } = unfold(bytes, columns.length);
  const decoded = parts.map((part) => PackedColumn.decode(part, rows));
  return [...weights].map((weight, row) => [decoded.map((column) => column.valueOf(row)), weight]);
}

describe(foldClicks, () => {
  it('has one row for all clicks that are alike', () => {
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

  it('counts every click once', () => {
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
});
