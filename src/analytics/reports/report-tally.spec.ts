import { describe, expect, it } from '@jest/globals';
import { FOLDED } from '../rare-values.js';
import { MOST_SUMS_OF_VALUES, ReportTally } from './report-tally.js';

const ONE = { clicks: 1, humans: 1, bots: 0, visitors: 0 };

describe(ReportTally, () => {
  it('has so many sums of values and no more, and loses no click', () => {
    const tally = new ReportTally();
    for (let n = 0; n < MOST_SUMS_OF_VALUES + 500; n += 1) {
      tally.addValue('referrer', `${n}.example`, ONE);
    }
    tally.addValue('referrer', '0.example', ONE);
    const sums = new Map(tally.valuesOf('referrer'));
    expect(sums.size).toBe(MOST_SUMS_OF_VALUES + 1);
    expect(sums.get(FOLDED)?.clicks).toBe(500);
    expect(sums.get('0.example')?.clicks).toBe(2);
  });
});
