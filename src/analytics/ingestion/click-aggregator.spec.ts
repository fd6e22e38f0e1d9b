import { describe, expect, it } from '@jest/globals';
import { countClicks, countLinks, groupByDay, rollUp } from './click-aggregator.js';
import type { Click } from './ingestion.types.js';

const MIDNIGHT = Date.UTC(2026, 10, 23);
const NOON = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const click = (changes: Partial<Click> = {}): Click => ({
  id: 'id',
  linkId: 'link',
  clickedAt: NOON,
  isBot: false,
  isNewVisitor: false,
  visitor: 'ada',
  dimensions: { browser: 'Firefox' },
  ...changes,
});
const rollupsOf = (clicks: Click[], dimension: string, minutes: number) =>
  rollUp({ ownerId: 'link', clicks })
    .filter((row) => row.dimension === dimension && row.minutes === minutes)
    .map((row) => [(row.bucket - NOON) / MINUTE, row.value, row.clicks, row.bots, row.visitors])
    .toSorted(([a], [b]) => Number(a) - Number(b));

describe(rollUp, () => {
  const clicks = [0, 14.999, 15, 59.999, 60].map((minutes) =>
    click({ clickedAt: NOON + minutes * MINUTE, isNewVisitor: minutes === 15 }),
  );

  it('counts clicks by quarters of an hour and by hours', () => {
    expect(rollupsOf(clicks, '', 15)).toEqual([
      [0, '', 2, 0, 0],
      [15, '', 1, 0, 1],
      [45, '', 1, 0, 0],
      [60, '', 1, 0, 0],
    ]);
    expect(rollupsOf(clicks, '', 60)).toEqual([
      [0, '', 4, 0, 1],
      [60, '', 1, 0, 0],
    ]);
    // The row of the day has those.
    expect(rollupsOf(clicks, '', 1440)).toEqual([]);
  });

  it('counts values by hours and by days', () => {
    expect(rollupsOf(clicks, 'browser', 15)).toEqual([]);
    expect(rollupsOf(clicks, 'browser', 60)).toEqual([
      [0, 'Firefox', 4, 0, 1],
      [60, 'Firefox', 1, 0, 0],
    ]);
    expect(rollupsOf(clicks, 'browser', 1440)).toEqual([[-720, 'Firefox', 5, 0, 1]]);
  });

  it('has no row for what is not known', () => {
    expect(rollupsOf([click({ dimensions: {} })], 'browser', 60)).toEqual([]);
  });

  it('counts bots apart', () => {
    expect(rollupsOf([click({ isBot: true }), click()], '', 60)).toEqual([[0, '', 2, 1, 0]]);
  });
});

describe(groupByDay, () => {
  it('puts together the clicks of an owner on a UTC day', () => {
    const clicks = [
      click({ clickedAt: MIDNIGHT }),
      click({ clickedAt: MIDNIGHT + DAY - 1, isBot: true }),
      click({ clickedAt: MIDNIGHT + DAY, isNewVisitor: true }),
      click({ linkId: 'another' }),
      click({ linkId: 'of nobody' }),
    ];
    const groups = groupByDay(clicks, ({ linkId }) =>
      linkId === 'of nobody' ? undefined : linkId,
    );
    expect(
      groups.map(({ clicks: those, ...group }) => ({ ...group, ...countClicks(those) })),
    ).toEqual([
      { ownerId: 'link', day: MIDNIGHT, clicks: 2, bots: 1, visitors: 0 },
      { ownerId: 'link', day: MIDNIGHT + DAY, clicks: 1, bots: 0, visitors: 1 },
      { ownerId: 'another', day: MIDNIGHT, clicks: 1, bots: 0, visitors: 0 },
    ]);
  });
});

describe(countLinks, () => {
  it('knows the time of the last click, in whichever order they come', () => {
    const clicks = [click({ clickedAt: NOON + 5 }), click({ clickedAt: NOON + 9 }), click()];
    expect(countLinks(clicks)).toEqual([
      { linkId: 'link', clicks: 3, bots: 0, visitors: 0, lastClickedAt: NOON + 9 },
    ]);
  });
});
