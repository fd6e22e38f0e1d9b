import { DAY_MS } from '../analytics.types.js';
import type { ClickCountsRepository, DayOfLink } from './click-counts.repository.js';
import type { ClickPartitionsRepository } from './click-partitions.repository.js';
import type { ClicksRepository } from './clicks.repository.js';

/** Days of links that one transaction rolls up: so few that ingestion does not have to wait long. */
const DAYS_AT_ONCE = 500;

const BEFORE_ALL: DayOfLink = { linkId: '00000000-0000-0000-0000-000000000000', day: 0 };

/** Makes partitions ahead of time, and forgets what has been kept long enough. */
export class Housekeeper {
  /** How far the month that is forgotten next has been looked through. */
  private reached = BEFORE_ALL;

  constructor(
    private readonly clicks: ClicksRepository,
    private readonly counts: ClickCountsRepository,
    private readonly partitions: ClickPartitionsRepository,
    private readonly retentionDays: number,
  ) {}

  /**
   * Does a part of what is to be done; whoever has clicks to store goes first.
   * @param now Unix milliseconds
   * @returns whether there is more to do
   */
  async tidyUp(now: number): Promise<boolean> {
    await this.partitions.ensureAhead(now);
    await this.clicks.forget();
    await this.partitions.dropPastVisitors(now);
    const lastMonth = new Date(now - this.retentionDays * DAY_MS).toISOString().slice(0, 7);
    const [oldest] = await this.partitions.months();
    if (oldest === undefined || oldest >= lastMonth) return false;
    return this.forgetClicks(oldest);
  }

  /** Single clicks go, what was counted stays: so the days without rollups get theirs first. */
  private async forgetClicks(month: string): Promise<boolean> {
    let days: DayOfLink[] = [];
    await this.clicks.transaction(async () => {
      days = await this.counts.takeQuietDays(month, this.reached, DAYS_AT_ONCE);
      await this.counts.rollUpDays(days);
    });
    this.reached = days.at(-1) ?? BEFORE_ALL;
    if (days.length === 0) await this.drop(month);
    return true;
  }

  /** Alone, and after another look: the clicks of a late segment may have come meanwhile. */
  private async drop(month: string): Promise<void> {
    await this.clicks.transaction(async () => {
      const late = await this.counts.takeQuietDays(month, BEFORE_ALL, DAYS_AT_ONCE);
      if (late.length > 0) return;
      await this.partitions.dropMonth(month);
    }, 'alone');
  }
}
