import {
  CHOSEN_BY_VISITORS,
  DAY_MS,
  HOUR_MS,
  MOST_CLICKS_WITHOUT_ROLLUPS,
  MOST_VALUES_WITH_ROLLUPS,
  type Owner,
} from '../analytics.types.js';
import { countClicks, dayKey, type DayOfClicks, groupByDay, rollUp } from './click-aggregator.js';
import type { ClickCountsRepository } from './click-counts.repository.js';
import { levelToMerge, mergePacks, packClicks, unpack } from './click-packer.js';
import type { ClickPacksRepository, Stretch } from './click-packs.repository.js';
import type { ClickRollupsRepository } from './click-rollups.repository.js';
import { groupBy, groupsOf } from './groups.js';
import type { DayState, OwnerDay, Rollup } from './ingestion.types.js';

type DayToPack = Pick<DayState, 'ownerId' | 'day' | 'clicks'>;

/** Clicks of a pack, beyond which packs are not merged: some 50 bytes of memory each while they are. */
const MOST_CLICKS_MERGED = 1_000_000;
/** Clicks that are read from the database, and held in memory, at a time. */
const CLICKS_AT_ONCE = 50_000;

/**
 * Keeps what is counted of the days of links and workspaces: their sums, their packs, and the
 * rollups of those with very many clicks. Every change holds a lock on the row of the day.
 */
export class DayCounter {
  constructor(
    private readonly counts: ClickCountsRepository,
    private readonly packs: ClickPacksRepository,
    private readonly rollups: ClickRollupsRepository,
    private readonly mostClicksWithoutRollups = MOST_CLICKS_WITHOUT_ROLLUPS,
    private readonly mostClicksMerged = MOST_CLICKS_MERGED,
  ) {}

  /** Counts clicks that were just stored. */
  async add(owner: Owner, groups: DayOfClicks[]): Promise<void> {
    const days = await this.counts.addToDays(
      owner,
      groups.map(({ ownerId, day, clicks }) => ({ ownerId, day, ...countClicks(clicks) })),
    );
    const clicksOf = new Map(groups.map((group) => [dayKey(group), group]));
    const groupOf = (day: OwnerDay): DayOfClicks => clicksOf.get(dayKey(day))!;
    const packed = days.filter(({ packs }) => packs > 0);
    await this.packs.insert(
      owner,
      packed.map((day) => packClicks(owner, groupOf(day))),
    );
    await this.packStored(
      owner,
      days.filter(({ packs }) => packs === 0),
    );
    await this.mergeDue(owner, packed);
    const rolledUp = days.filter(({ isRolledUp }) => isRolledUp);
    await this.addToRollups(
      owner,
      rolledUp.map((day) => ({ ...day, rollups: rollUp(groupOf(day)) })),
    );
    await this.rollUpPacked(owner, days);
  }

  /** Packs days that have no packs, from their clicks. */
  async packStored(owner: Owner, days: DayToPack[]): Promise<void> {
    if (days.length === 0) return;
    const written: OwnerDay[] = [];
    for (const part of groupsOf(days.flatMap(partsOf), ({ clicks }) => clicks, CLICKS_AT_ONCE)) {
      const clicks = await this.packs.storedClicks(owner, part);
      const packs = groupByDay(clicks, ({ ownerId }) => ownerId).map((group) =>
        packClicks(owner, group),
      );
      await this.packs.insert(owner, packs);
      for (const { ownerId, day } of packs) written.push({ ownerId, day });
    }
    await this.counts.setPacks(
      owner,
      [...groupBy(written, dayKey).values()].map((those) => ({ ...those[0], packs: those.length })),
    );
  }

  /** Makes the rollups of those days that need and do not have them. */
  async rollUpPacked(owner: Owner, days: DayState[]): Promise<void> {
    const crowded = days.filter(
      ({ clicks, isRolledUp, hasManyValues }) =>
        clicks > this.mostClicksWithoutRollups && !isRolledUp && !hasManyValues,
    );
    await this.rollups.markRolledUp(owner, crowded);
    const givenUp = new Set<string>();
    for (const part of groupsOf(crowded, ({ clicks }) => clicks, CLICKS_AT_ONCE)) {
      for (const pack of await this.packs.read(owner, part)) {
        if (givenUp.has(dayKey(pack))) continue;
        const { ownerId, day } = pack;
        const rollups = rollUp({ ownerId, clicks: unpack(pack) });
        const those = await this.addToRollups(owner, [{ ownerId, day, rollups }]);
        for (const key of those.map(dayKey)) givenUp.add(key);
      }
    }
  }

  /** @returns days whose values have become too many: they have no rollups from now on */
  private async addToRollups(
    owner: Owner,
    days: (OwnerDay & { rollups: Rollup[] })[],
  ): Promise<OwnerDay[]> {
    const [many, few] = [true, false].map((is) =>
      days.filter(({ rollups }) => tellsManyValues(rollups) === is),
    ) as [typeof days, typeof days];
    await this.rollups.add(
      owner,
      few.flatMap(({ rollups }) => rollups),
    );
    const grown = await this.rollups.findDaysWithManyValues(owner, few);
    const tooMany = [...many, ...grown];
    await this.rollups.giveUp(owner, tooMany);
    return tooMany;
  }

  /**
   * Makes one pack, of the given level, of those of each day that are not above `upTo`; several, if it
   * would be very large.
   */
  async merge(owner: Owner, days: OwnerDay[], upTo: number, level: number): Promise<void> {
    if (days.length === 0) return;
    const packs = groupBy(await this.packs.take(owner, days, upTo), dayKey);
    await this.packs.insert(
      owner,
      [...packs.values()]
        .flatMap((group) => groupsOf(group, ({ clicks }) => clicks, this.mostClicksMerged))
        .map((group) => mergePacks(owner, group, level)),
    );
  }

  private async mergeDue(owner: Owner, days: DayState[]): Promise<void> {
    const due = groupBy(days, ({ packs }) => levelToMerge(packs));
    for (const [level, ofLevel] of due) {
      if (level > 0) await this.merge(owner, ofLevel, level - 1, level);
    }
  }
}

/** A day, or its hours if it has too many clicks to be read at once. */
function partsOf({ ownerId, day, clicks }: DayToPack): (Stretch & { clicks: number })[] {
  const length = clicks > CLICKS_AT_ONCE ? HOUR_MS : DAY_MS;
  const parts = DAY_MS / length;
  return Array.from({ length: parts }, (_, index) => ({
    ownerId,
    from: day + index * length,
    to: day + (index + 1) * length,
    clicks: clicks / parts,
  }));
}

function tellsManyValues(rollups: Rollup[]): boolean {
  return CHOSEN_BY_VISITORS.some((name) => {
    const values = rollups.filter(
      ({ dimension, minutes }) => dimension === name && minutes === 1440,
    );
    return values.length > MOST_VALUES_WITH_ROLLUPS;
  });
}
