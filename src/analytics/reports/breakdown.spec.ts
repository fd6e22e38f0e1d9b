import { describe, expect, it } from '@jest/globals';
import { type Counts, OTHER_VALUES } from '../analytics.types.js';
import { ClickSums } from '../common/click-sums.js';
import { breakDown } from './breakdown.js';
import { parseFilter } from './filter.js';

const counts = (clicks: number) => ({ clicks, humans: clicks, bots: 0, visitors: 1 });
const country = (value: string, clicks: number) => ({ value, counts: counts(clicks) });

function sumsOf(values: ReturnType<typeof country>[], total: Counts): ClickSums {
  const sums = new ClickSums();
  for (const { value, counts: those } of values) sums.addValue('country', value, those);
  sums.addTotal(0, total);
  return sums;
}

describe(breakDown, () => {
  it('puts the biggest values first and sums up the rest', () => {
    const values = [country('DE', 1), country('US', 5), country('FR', 2)];
    const rows = breakDown('country', sumsOf(values, { ...counts(8), visitors: 3 }), 2);
    expect(rows.map(({ value, other, clicks }) => [value, other, clicks])).toEqual([
      ['US', false, 5],
      ['FR', false, 2],
      ['other', true, 1],
    ]);
  });

  it('calls unknown what the totals have beyond the values', () => {
    const rows = breakDown(
      'country',
      sumsOf([country('DE', 1)], { ...counts(4), visitors: 2 }),
      10,
    );
    expect(rows.map(({ value, clicks, visitors }) => [value, clicks, visitors])).toEqual([
      [null, 3, 1],
      ['DE', 1, 1],
    ]);
  });

  it('sums up with the rest what was folded, however much it is, and no value that is spelled alike', () => {
    const values = [
      country(OTHER_VALUES, 9),
      country('other', 5),
      country('FR', 2),
      country('DE', 1),
    ];
    const rowsOf = (limit: number) =>
      breakDown('country', sumsOf(values, { ...counts(17), visitors: 4 }), limit).map(
        ({ value, other, clicks }) => [value, other, clicks],
      );
    expect(rowsOf(2)).toEqual([
      ['other', false, 5],
      ['FR', false, 2],
      ['other', true, 10],
    ]);
    expect(rowsOf(10).at(-1)).toEqual(['other', true, 9]);
  });

  it('has no rows for a link without clicks', () => {
    expect(breakDown('os', new ClickSums(), 10)).toEqual([]);
  });
});

describe(parseFilter, () => {
  it.each([
    ['US,fr', { only: ['US', 'FR'], not: [] }],
    ['-US', { only: [], not: ['US'] }],
    ['US,-(unknown)', { only: ['US'], not: [null] }],
    [String.raw`a\,b`, { only: ['A,B'], not: [] }],
    [String.raw`\-x`, { only: ['-X'], not: [] }],
  ])('reads %s', (text, expected) => {
    expect(parseFilter('country', text)).toEqual({ dimension: 'country', ...expected });
  });

  it.each(['', ',', 'US,', ',US', '-', 'US,,FR'])('refuses %j', (text) => {
    expect(parseFilter('country', text)).toBeUndefined();
  });

  it('leaves the case of other dimensions as it is', () => {
    expect(parseFilter('browser', 'Chrome')?.only).toEqual(['Chrome']);
  });
});
