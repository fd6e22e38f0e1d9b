import { describe, expect, it } from '@jest/globals';
import { countClicks, countLinks, groupByDay } from './click-aggregator.js';
import type { Click } from './ingestion.types.js';

const MIDNIGHT = Date.UTC(2026, 10, 23);
const NOON = Date.UTC(2026, 10, 23, 12);
const DAY = 86_400_000;

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
      { ownerId: 'link', day: MIDNIGHT, clicks: 2, humans: 1, bots: 1, visitors: 0 },
      { ownerId: 'link', day: MIDNIGHT + DAY, clicks: 1, humans: 1, bots: 0, visitors: 1 },
      { ownerId: 'another', day: MIDNIGHT, clicks: 1, humans: 1, bots: 0, visitors: 0 },
    ]);
  });
});

describe(countLinks, () => {
  it('knows the time of the last click, in whichever order they come', () => {
    const clicks = [click({ clickedAt: NOON + 5 }), click({ clickedAt: NOON + 9 }), click()];
    expect(countLinks(clicks)).toEqual([
      { linkId: 'link', clicks: 3, humans: 3, bots: 0, visitors: 0, lastClickedAt: NOON + 9 },
    ]);
  });
});
