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
    expect(kept.of(selection({ limit: 99 }), undefined)).toBe(groups);
    for (const other of [
      { scope: { workspaceId: 'theirs' } },
      { scope: { workspaceId: 'ours', tag: 'sale' } },
      { range: { from: 0, to: 11 } },
      { starts: [0, 5] },
      { groupBy: ['os'] as const },
      { filters: [{ dimension: 'os', only: ['Linux'], not: [] } as const] },
    ]) {
      expect(kept.of(selection(other as Partial<ReportSelection>), undefined)).toBeUndefined();
    }
    expect(kept.of(selection(), Uint32Array.of(7))).toBeUndefined();
  });

  it('gives up what has not been asked for longest, and keeps nothing that is too large', () => {
    const kept = new KeptCounts(100);
    const of = (to: number) => kept.of(selection({ range: { from: 0, to } }), undefined);
    const keep = (to: number, values: number) =>
      kept.keep(selection({ range: { from: 0, to } }), undefined, counted(values));
    keep(1, 40);
    keep(2, 40);
    of(1);
    keep(3, 40);
    expect([of(1), of(2), of(3)].map((groups) => groups !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
    keep(4, 200);
    expect([of(1), of(3), of(4)].map((groups) => groups !== undefined)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('keeps nothing if it may not', () => {
    const kept = new KeptCounts(0);
    kept.keep(selection(), undefined, new Map());
    expect(kept.of(selection(), undefined)).toBeUndefined();
  });
});
