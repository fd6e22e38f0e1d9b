import { describe, expect, it } from '@jest/globals';
import { countLinkDays, countLinks, rollUp } from './click-aggregator.js';
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
  rollUp(clicks, ({ linkId }) => linkId)
    .filter((row) => row.dimension === dimension && row.minutes === minutes)
    .map((row) => [(row.bucket - NOON) / MINUTE, row.value, row.clicks, row.bots, row.visitors])
    .toSorted(([a], [b]) => Number(a) - Number(b));

describe(rollUp, () => {
  const clicks = [0, 14.999, 15, 59.999, 60].map((minutes) =>
    click({ clickedAt: NOON + minutes * MINUTE, isNewVisitor: minutes === 15 }),
  );

  it('counts clicks by quarters of an hour, by hours and by days', () => {
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
    expect(rollupsOf(clicks, '', 1440)).toEqual([[-720, '', 5, 0, 1]]);
  });

  it('counts values by hours and by days', () => {
    expect(rollupsOf(clicks, 'browser', 15)).toEqual([]);
    expect(rollupsOf(clicks, 'browser', 60)).toEqual([
      [0, 'Firefox', 4, 0, 1],
      [60, 'Firefox', 1, 0, 0],
    ]);
    expect(rollupsOf(clicks, 'browser', 1440)).toEqual([[-720, 'Firefox', 5, 0, 1]]);
  });

  it('has no row for what is not known, and none for a click without an owner', () => {
    expect(rollupsOf([click({ dimensions: {} })], 'browser', 60)).toEqual([]);
    expect(rollUp([click()], () => undefined)).toEqual([]);
  });

  it('counts bots apart', () => {
    expect(rollupsOf([click({ isBot: true }), click()], '', 60)).toEqual([[0, '', 2, 1, 0]]);
  });

  it('adds up what belongs to one owner', () => {
    const rows = rollUp([click({ linkId: 'a' }), click({ linkId: 'b' })], () => 'workspace');
    expect(rows.every(({ ownerId, clicks: count }) => ownerId === 'workspace' && count === 2)).toBe(
      true,
    );
  });
});

describe(countLinkDays, () => {
  it('counts by link and UTC day', () => {
    const clicks = [
      click({ clickedAt: MIDNIGHT }),
      click({ clickedAt: MIDNIGHT + DAY - 1, isBot: true }),
      click({ clickedAt: MIDNIGHT + DAY, isNewVisitor: true }),
      click({ linkId: 'another' }),
    ];
    expect(countLinkDays(clicks)).toEqual([
      { linkId: 'link', day: MIDNIGHT, clicks: 2, bots: 1, visitors: 0 },
      { linkId: 'link', day: MIDNIGHT + DAY, clicks: 1, bots: 0, visitors: 1 },
      { linkId: 'another', day: MIDNIGHT, clicks: 1, bots: 0, visitors: 0 },
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
