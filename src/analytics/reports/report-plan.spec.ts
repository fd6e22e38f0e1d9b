import { describe, expect, it } from '@jest/globals';
import { cutsOf, type Windows } from './report-plan.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const windows = (parts: Partial<Windows>): Windows => ({
  totals: [],
  values: [],
  links: [],
  ...parts,
});

describe(cutsOf, () => {
  const threeDays = [{ from: DAY, to: 4 * DAY }];
  const shifted = [{ from: DAY - 2 * HOUR, to: 3 * DAY - 2 * HOUR }];
  const cuts = (parts: Partial<Windows>, starts: number[]): number[][] => {
    const { edges, cut } = cutsOf(windows(parts), starts);
    return [[...edges], [...cut]];
  };

  it('has none of whole days in UTC', () => {
    const starts = [DAY, 2 * DAY, 3 * DAY];
    const all = { totals: threeDays, values: threeDays, links: threeDays };
    expect(cuts(all, starts)).toEqual([[], []]);
  });

  it('has the days of both edges, once', () => {
    const days = [0, 2 * DAY];
    expect(cuts({ values: shifted, links: shifted }, [])).toEqual([days, days]);
  });

  it('has every day that belongs to two buckets, if totals are counted there', () => {
    const starts = [DAY - 2 * HOUR, 2 * DAY - 2 * HOUR];
    expect(cuts({ totals: shifted, links: threeDays }, starts)).toEqual([[], [0, 2 * DAY, DAY]]);
    expect(cuts({ links: threeDays }, starts)).toEqual([[], []]);
  });

  it('has the days of hourly buckets', () => {
    const starts = Array.from({ length: 72 }, (_, n) => DAY + n * HOUR);
    expect(cuts({ totals: threeDays }, starts)).toEqual([[], [DAY, 2 * DAY, 3 * DAY]]);
  });
});
