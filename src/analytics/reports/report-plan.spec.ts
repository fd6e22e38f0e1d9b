import { describe, expect, it } from '@jest/globals';
import { cutDays, type Windows } from './report-plan.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const windows = (parts: Partial<Windows>): Windows => ({
  totals: [],
  values: [],
  links: [],
  ...parts,
});

describe(cutDays, () => {
  const threeDays = [{ from: DAY, to: 4 * DAY }];
  const shifted = [{ from: DAY - 2 * HOUR, to: 3 * DAY - 2 * HOUR }];

  it('has none of whole days in UTC', () => {
    const starts = [DAY, 2 * DAY, 3 * DAY];
    expect(
      cutDays(windows({ totals: threeDays, values: threeDays, links: threeDays }), starts),
    ).toEqual([]);
  });

  it('has the days of both edges, once', () => {
    expect(cutDays(windows({ values: shifted, links: shifted }), [])).toEqual([0, 2 * DAY]);
  });

  it('has every day that belongs to two buckets, if totals are counted there', () => {
    const starts = [DAY - 2 * HOUR, 2 * DAY - 2 * HOUR];
    expect(cutDays(windows({ totals: shifted }), starts)).toEqual([0, 2 * DAY, DAY]);
    expect(cutDays(windows({ links: threeDays }), starts)).toEqual([]);
  });

  it('has the days of hourly buckets', () => {
    const starts = Array.from({ length: 72 }, (_, n) => DAY + n * HOUR);
    expect(cutDays(windows({ totals: threeDays }), starts)).toEqual([DAY, 2 * DAY, 3 * DAY]);
  });
});
