import { describe, expect, it } from '@jest/globals';
import type { Dimension } from '../analytics.types.js';
import { tellVisitors } from './visitors.js';

const counts = (humans: number, visitors: number) => ({
  clicks: humans + 1,
  humans,
  bots: 1,
  visitors,
});

describe(tellVisitors, () => {
  it.each([
    ['all of a day', counts(5, 3), [], 3],
    ['nobody', counts(0, 0), ['utm_source'], 0],
    ['a campaign to which nobody came twice', counts(5, 5), ['utm_source'], 5],
    ['a browser, which is the same at each click', counts(5, 3), ['browser', 'country'], 3],
  ] as [string, ReturnType<typeof counts>, Dimension[], number][])(
    'tells the visitors of %s',
    (_, row, dimensions, visitors) => {
      expect(tellVisitors(row, dimensions)).toEqual({ ...row, visitors });
    },
  );

  it.each([
    [
      'a referrer some of whose clicks were not the first',
      counts(5, 3),
      ['referrer'],
      'varying-value',
    ],
    [
      'a campaign to which all came later',
      counts(2, 0),
      ['browser', 'utm_medium'],
      'varying-value',
    ],
    ['an hour to which all came back', counts(2, 0), [], 'came-before'],
    ['such an hour of a browser', counts(2, 0), ['browser'], 'came-before'],
  ] as [string, ReturnType<typeof counts>, Dimension[], string][])(
    'does not tell those of %s, and says why',
    (_, row, dimensions, visitorsUnknown) => {
      expect(tellVisitors(row, dimensions)).toEqual({ ...row, visitors: null, visitorsUnknown });
    },
  );

  it('believes clicks that are as many as the row has counted', () => {
    const row = counts(5, 3);
    expect(tellVisitors(row, ['referrer'], { humans: 5, visitors: 4 })).toEqual({
      ...row,
      visitors: 4,
    });
    expect(tellVisitors(row, ['referrer'], { humans: 4, visitors: 4 })).toMatchObject({
      visitors: null,
      visitorsUnknown: 'varying-value',
    });
    expect(tellVisitors(row, ['referrer'], { humans: 5, visitors: 0 })).toMatchObject({
      visitors: null,
      visitorsUnknown: 'came-before',
    });
  });
});
