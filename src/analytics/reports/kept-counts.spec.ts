import { describe, expect, it } from '@jest/globals';
import { type CountedGroups, KeptCounts } from './kept-counts.js';
import { ReportTally } from './report-tally.js';
import type { ReportSelection } from './reports.types.js';

const selection = (changes: Partial<ReportSelection> = {}): ReportSelection => ({
  scope: { workspaceId: 'ours' },
  range: { from: 0, to: 10 },
  starts: [0],
  groupBy: ['browser'],
  filters: [],
  limit: 10,
  ...changes,
});

/** Of one pack and so many values. */
function counted(values: number): CountedGroups {
  const tally = new ReportTally();
  for (let value = 0; value < values; value += 1) tally.sumOfValue('browser', `Browser ${value}`);
  return new Map([[18, { ids: new Set(['pack']), tally }]]);
}

describe(KeptCounts.name, () => {
  it('tells selections apart by all that decides what is counted', () => {
    const kept = new KeptCounts(100);
    const groups = counted(1);
    kept.keep(selection(), undefined, groups);
    for (const other of [
      { scope: { workspaceId: 'theirs' } },
      { scope: { workspaceId: 'ours', tag: 'sale' } },
      { range: { from: 0, to: 11 } },
      { starts: [0, 5] },
      { groupBy: ['os'] as const },
      { filters: [{ dimension: 'os', only: ['Linux'], not: [] } as const] },
    ]) {
      expect(kept.take(selection(other as Partial<ReportSelection>), undefined)).toBeUndefined();
    }
    expect(kept.take(selection(), Uint32Array.of(7))).toBeUndefined();
    expect(kept.take(selection({ limit: 99 }), undefined)).toBe(groups);
  });

  it('has what was taken no more, until it is kept again', () => {
    const kept = new KeptCounts(100);
    const groups = counted(1);
    kept.keep(selection(), undefined, groups);
    expect(kept.take(selection(), undefined)).toBe(groups);
    expect(kept.take(selection(), undefined)).toBeUndefined();
    kept.keep(selection(), undefined, groups);
    expect(kept.take(selection(), undefined)).toBe(groups);
  });

  it('gives up what has not been asked for longest, and keeps nothing that is too large', () => {
    const kept = new KeptCounts(100);
    const take = (to: number) => kept.take(selection({ range: { from: 0, to } }), undefined);
    const keep = (to: number, values: number) =>
      kept.keep(selection({ range: { from: 0, to } }), undefined, counted(values));
    keep(1, 40);
    keep(2, 40);
    kept.keep(selection({ range: { from: 0, to: 1 } }), undefined, take(1)!);
    keep(3, 40);
    keep(4, 200);
    expect([1, 2, 3, 4].map((to) => take(to) !== undefined)).toEqual([true, false, true, false]);
  });

  it('lets the memory of what it gives up be used again, and of nothing else', () => {
    const kept = new KeptCounts(100);
    const released: number[] = [];
    const keep = (to: number, values: number) => {
      const groups = counted(values);
      groups.get(18)!.tally.release = () => void released.push(to);
      kept.keep(selection({ range: { from: 0, to } }), undefined, groups);
    };
    keep(1, 40);
    keep(2, 40);
    kept.take(selection({ range: { from: 0, to: 2 } }), undefined);
    keep(3, 40);
    keep(4, 40);
    keep(5, 200);
    keep(4, 30);
    expect(released).toEqual([1, 5, 4]);
  });

  it('keeps nothing if it may not', () => {
    const kept = new KeptCounts(0);
    kept.keep(selection(), undefined, new Map());
    expect(kept.take(selection(), undefined)).toBeUndefined();
  });
});
