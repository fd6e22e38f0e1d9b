import {
  ALL_CLICKS,
  ALL_CLICKS_MINUTES,
  startOfDay,
  DIMENSION_MINUTES,
  DIMENSIONS,
  HOUR_MS,
  MINUTE_MS,
  QUARTER_MS,
} from '../analytics.types.js';
import type {
  Click,
  CountedClick,
  Counts,
  LinkTotal,
  OwnerDay,
  Rollup,
} from './ingestion.types.js';

/** The clicks of an owner on a day. */
export interface DayOfClicks extends OwnerDay {
  clicks: CountedClick[];
}

/** Identifies a day of an owner. */
export const dayKey = ({ ownerId, day }: OwnerDay): string => `${ownerId} ${day}`;

/** @param ownerOf undefined for a click that is not counted */
export function groupByDay<T extends CountedClick>(
  clicks: T[],
  ownerOf: (click: T) => string | undefined,
): DayOfClicks[] {
  const days = new Map<string, DayOfClicks>();
  for (const click of clicks) {
    const ownerId = ownerOf(click);
    if (ownerId === undefined) continue;
    const day = startOfDay(click.clickedAt);
    const key = dayKey({ ownerId, day });
    getOrMake(days, key, () => ({ ownerId, day, clicks: [] })).clicks.push(click);
  }
  return [...days.values()];
}

export function countClicks(clicks: CountedClick[]): Counts {
  const counts = zero();
  for (const click of clicks) add(counts, click);
  return counts;
}

export function countLinks(clicks: Click[]): LinkTotal[] {
  const totals = new Map<string, LinkTotal>();
  for (const click of clicks) {
    const { linkId } = click;
    const row = getOrMake(totals, linkId, () => ({ linkId, lastClickedAt: 0, ...ZERO }));
    row.lastClickedAt = Math.max(row.lastClickedAt, click.clickedAt);
    add(row, click);
  }
  return [...totals.values()];
}

/** The rollups that these clicks add to. */
export function rollUp({ ownerId, clicks }: Pick<DayOfClicks, 'ownerId' | 'clicks'>): Rollup[] {
  const hours = new Map<number, HourTally>();
  for (const click of clicks) {
    const hour = click.clickedAt - (click.clickedAt % HOUR_MS);
    getOrMake(hours, hour, () => new HourTally()).count(click);
  }
  return rollupsOf(ownerId, hours);
}

/** The clicks of an hour by what is known of them: the finest there is, all rollups are sums of it. */
class HourTally {
  readonly quarters = new Map<number, Counts>();
  readonly values = DIMENSIONS.map(() => new Map<string, Counts>());

  count(click: CountedClick): void {
    const quarter = click.clickedAt - (click.clickedAt % QUARTER_MS);
    add(getOrMake(this.quarters, quarter, zero), click);
    for (const [index, dimension] of DIMENSIONS.entries()) {
      const value = click.dimensions[dimension];
      if (value !== undefined) add(getOrMake(this.values[index]!, value, zero), click);
    }
  }
}

function rollupsOf(ownerId: string, hours: Map<number, HourTally>): Rollup[] {
  const finest: Rollup[] = [];
  for (const [hour, { quarters, values }] of hours) {
    for (const [bucket, counts] of quarters) {
      finest.push({ ownerId, dimension: ALL_CLICKS, minutes: 15, bucket, value: '', ...counts });
    }
    for (const [index, dimension] of DIMENSIONS.entries()) {
      for (const [value, counts] of values[index]!) {
        finest.push({ ownerId, dimension, minutes: 60, bucket: hour, value, ...counts });
      }
    }
  }
  return [...finest, ...coarsened(finest)];
}

/** The longer buckets. */
function coarsened(finest: Rollup[]): Rollup[] {
  const sums = new Map<string, Rollup>();
  for (const row of finest) {
    const lengths = row.dimension === ALL_CLICKS ? ALL_CLICKS_MINUTES : DIMENSION_MINUTES;
    for (const minutes of lengths.slice(1)) {
      const bucket = row.bucket - (row.bucket % (minutes * MINUTE_MS));
      const key = `${row.dimension} ${minutes} ${bucket} ${row.value}`;
      const sum = getOrMake(sums, key, () => ({ ...row, minutes, bucket, ...ZERO }));
      sum.clicks += row.clicks;
      sum.bots += row.bots;
      sum.visitors += row.visitors;
    }
  }
  return [...sums.values()];
}

const ZERO: Counts = { clicks: 0, bots: 0, visitors: 0 };
const zero = (): Counts => ({ ...ZERO });

/** A visitor is counted with their first click of the day, so that visitors add up like clicks. */
function add(row: Counts, click: CountedClick): void {
  row.clicks += 1;
  if (click.isBot) row.bots += 1;
  if (click.isNewVisitor) row.visitors += 1;
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
