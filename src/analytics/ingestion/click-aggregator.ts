import { type Counts, type OwnerDay, startOfDay } from '../analytics.types.js';
import type { BlockClick } from '../blocks/blocks.types.js';
import { COUNTS_OF_KIND, kindOf } from '../common/click-kinds.js';
import { sum } from '../common/click-sums.js';
import { groupBy } from '../common/groups.js';
import type { LinkTotal } from './ingestion.types.js';

/** Identifies a day of an owner. */
export const dayKey = ({ ownerId, day }: OwnerDay): string => `${ownerId} ${day}`;

/** @param ownerOf undefined for a click that is not counted */
export function groupByDay<T extends BlockClick>(
  clicks: T[],
  ownerOf: (click: T) => string | undefined,
): (OwnerDay & { clicks: T[] })[] {
  const owned = clicks.flatMap((click) => {
    const ownerId = ownerOf(click);
    return ownerId === undefined ? [] : [{ ownerId, day: startOfDay(click.clickedAt), click }];
  });
  return [...groupBy(owned, dayKey).values()].map((those) => ({
    ownerId: those[0].ownerId,
    day: those[0].day,
    clicks: those.map(({ click }) => click),
  }));
}

export const countClicks = (clicks: BlockClick[]): Counts =>
  sum(clicks.map((click) => COUNTS_OF_KIND[kindOf(click)]));

export const countLinks = (clicks: (BlockClick & { linkId: string })[]): LinkTotal[] =>
  [...groupBy(clicks, ({ linkId }) => linkId)].map(([linkId, those]) => ({
    linkId,
    lastClickedAt: those.reduce((last, { clickedAt }) => Math.max(last, clickedAt), 0),
    ...countClicks(those),
  }));
