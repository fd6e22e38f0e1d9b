import { describe, expect, it } from '@jest/globals';
import type { ClickRecord } from '../recording/spool.types.js';
import { aggregate, visitorKey } from './click-aggregator.js';
import type { Click } from './ingestion.types.js';
import { dayOf, visitorOf } from './visitor-hasher.js';

const NOON = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;

const click = (changes: Partial<Click> = {}): Click => ({
  id: 'id',
  linkId: 'link',
  clickedAt: NOON,
  isBot: false,
  visitor: Buffer.from('ada'),
  dimensions: { browser: 'Firefox' },
  ...changes,
});
const keysOf = (clicks: Click[]) => new Set(clicks.filter(({ isBot }) => !isBot).map(visitorKey));
const rollupsOf = (clicks: Click[], dimension: string) =>
  aggregate(clicks, keysOf(clicks))
    .rollups.filter((row) => row.dimension === dimension)
    .map(({ bucket, value, clicks: count, bots, visitors }) => [
      (bucket - NOON) / MINUTE,
      value,
      count,
      bots,
      visitors,
    ]);

describe(aggregate, () => {
  it('counts clicks by quarters of an hour, and their dimensions by hours', () => {
    const clicks = [0, 14.999, 15, 59.999, 60].map((minutes) =>
      click({ clickedAt: NOON + minutes * MINUTE }),
    );
    expect(rollupsOf(clicks, '')).toEqual([
      [0, '', 2, 0, 1],
      [15, '', 1, 0, 0],
      [45, '', 1, 0, 0],
      [60, '', 1, 0, 0],
    ]);
    expect(rollupsOf(clicks, 'browser')).toEqual([
      [0, 'Firefox', 4, 0, 1],
      [60, 'Firefox', 1, 0, 0],
    ]);
  });

  it('has no row for what is not known', () => {
    expect(rollupsOf([click({ dimensions: {} })], 'browser')).toEqual([]);
  });

  it('counts bots apart, and never as visitors', () => {
    expect(rollupsOf([click({ isBot: true }), click()], '')).toEqual([[0, '', 2, 1, 1]]);
  });

  it('counts a visitor with the first click of the day, who was not seen before', () => {
    const clicks = [click(), click({ dimensions: { browser: 'Chrome' } })];
    expect(rollupsOf(clicks, 'browser')).toEqual([
      [0, 'Chrome', 1, 0, 0],
      [0, 'Firefox', 1, 0, 1],
    ]);
    expect(aggregate(clicks, new Set()).totals[0]!.visitors).toBe(0);
  });

  it('tells visitors of other links and of other days apart', () => {
    const clicks = [
      click(),
      click({ linkId: 'other' }),
      click({ clickedAt: NOON + 24 * 60 * MINUTE }),
      click({ visitor: Buffer.from('bob') }),
    ];
    const { totals } = aggregate(clicks, keysOf(clicks));
    expect(totals.map(({ linkId, visitors }) => [linkId, visitors])).toEqual([
      ['link', 3],
      ['other', 1],
    ]);
  });

  it('knows the time of the last click, in whichever order they come', () => {
    const clicks = [click({ clickedAt: NOON + 5 }), click({ clickedAt: NOON + 9 }), click()];
    expect(aggregate(clicks, new Set()).totals).toMatchObject([{ lastClickedAt: NOON + 9 }]);
  });

  it('brings rows in the same order whatever the order of the clicks', () => {
    const clicks = Array.from({ length: 50 }, (_, n) => click({ linkId: `link-${(n * 7) % 50}` }));
    expect(aggregate(clicks, keysOf(clicks))).toEqual(
      aggregate(clicks.toReversed(), keysOf(clicks)),
    );
  });
});

describe(visitorOf, () => {
  const salts = new Map([
    ['2026-11-23', Buffer.alloc(32, 1)],
    ['2026-11-24', Buffer.alloc(32, 2)],
  ]);
  const hashOf = (changes: Partial<ClickRecord> = {}) =>
    visitorOf(
      { clickedAt: NOON, address: '203.0.113.9', userAgent: 'Firefox', ...changes } as ClickRecord,
      salts,
    ).toString('hex');

  it('is the same for the same visitor all day long, UTC', () => {
    expect(hashOf({ clickedAt: Date.UTC(2026, 10, 23) })).toBe(hashOf());
    expect(hashOf({ clickedAt: Date.UTC(2026, 10, 24) - 1 })).toBe(hashOf());
    expect(dayOf(Date.UTC(2026, 10, 24) - 1)).toBe('2026-11-23');
  });

  it('is another for every address, user agent and day', () => {
    const hashes = [
      hashOf(),
      hashOf({ address: '203.0.113.8' }),
      hashOf({ userAgent: 'Chrome' }),
      hashOf({ clickedAt: Date.UTC(2026, 10, 24) }),
      // The same characters, divided otherwise.
      hashOf({ address: '203.0.113.9F', userAgent: 'irefox' }),
    ];
    expect(new Set(hashes).size).toBe(5);
    expect(hashOf()).toMatch(/^[0-9a-f]{32}$/);
  });
});
