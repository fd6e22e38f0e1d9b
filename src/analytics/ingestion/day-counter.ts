import { DAY_MS, HOUR_MS, type Owner, type OwnerDay } from '../analytics.types.js';
import type { DayOfClicks } from '../blocks/blocks.types.js';
import type { ClickBlocksService } from '../blocks/click-blocks.service.js';
import { groupBy, groupsOf } from '../common/groups.js';
import type { ClickCountsRepository } from './click-counts.repository.js';
import { countClicks, dayKey, groupByDay } from './click-aggregator.js';
import type { ClicksRepository, ClickStretch } from './clicks.repository.js';
import type { DayState } from './ingestion.types.js';

/** Clicks that are read from the database, and held in memory, at a time. */
const CLICKS_AT_ONCE = 50_000;

/**
 * Keeps what is counted of the days of links and workspaces: their sums and their blocks. Every change holds a lock on the row of the day.
 */
export class DayCounter {
  constructor(
    private readonly counts: ClickCountsRepository,
    private readonly clicks: ClicksRepository,
    private readonly blocks: ClickBlocksService,
  ) {}

  /** Counts clicks that were just stored. */
  async add(owner: Owner, groups: DayOfClicks[]): Promise<void> {
    const days = await this.counts.addToDays(
      owner,
      groups.map(({ ownerId, day, clicks }) => ({ ownerId, day, ...countClicks(clicks) })),
    );
    const written = new Map(days.map((day) => [dayKey(day), day]));
    await this.blocks.append(
      owner,
      groups.filter((group) => (written.get(dayKey(group))?.blocks ?? 0) > 0),
    );
    await this.addStored(days.filter(({ blocks }) => blocks === 0));
    await this.blocks.mergeDue(owner, days);
  }

  /** Writes the blocks of days of links that have none, from their clicks. */
  async addStored(days: DayState[]): Promise<void> {
    const written: OwnerDay[] = [];
    for (const part of groupsOf(
      days.flatMap(stretchesOf),
      ({ clicks }) => clicks,
      CLICKS_AT_ONCE,
    )) {
      const groups = groupByDay(await this.clicks.read(part), ({ linkId }) => linkId);
      await this.blocks.append('link', groups);
      written.push(...groups);
    }
    if (written.length === 0) return;
    await this.counts.setBlocks(
      'link',
      [...groupBy(written, dayKey).values()].map((those) => ({
        ...those[0],
        blocks: those.length,
      })),
    );
  }
}

/** A day, or its hours if it has too many clicks to be read at once. */
function stretchesOf({ ownerId, day, clicks }: DayState): ClickStretch[] {
  const length = clicks > CLICKS_AT_ONCE ? HOUR_MS : DAY_MS;
  const parts = DAY_MS / length;
  return Array.from({ length: parts }, (_, index) => ({
    linkId: ownerId,
    from: day + index * length,
    to: day + (index + 1) * length,
    clicks: clicks / parts,
  }));
}
