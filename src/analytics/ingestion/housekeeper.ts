import { NIL_UUID } from '../../common/uuid.js';
import { DAY_MS, HOUR_MS, type OwnerDay, startOfDay } from '../analytics.types.js';
import type { ClickBlocksService } from '../blocks/click-blocks.service.js';
import type { ClickCountsRepository } from './click-counts.repository.js';
import type { ClickPartitionsRepository } from './click-partitions.repository.js';
import type { ClicksRepository } from './clicks.repository.js';
import type { DayCounter } from './day-counter.js';
import type { VisitorSaltsRepository } from './visitor-salts.repository.js';

/** Quiet days that one transaction writes blocks of: so few that ingestion does not have to wait long. */
const QUIET_DAYS_AT_ONCE = 500;
/** The same of days whose blocks it merges. */
const BUSY_DAYS_AT_ONCE = 50;

/** Deleted workspaces whose counts one transaction deletes. */
const WORKSPACES_AT_ONCE = 10;

const BEFORE_ALL: OwnerDay = { ownerId: NIL_UUID, day: 0 };

/** Makes partitions ahead of time, tidies up past days, and forgets what was kept long enough. */
export class Housekeeper {
  /** How far the month that is forgotten next has been looked through. */
  private reached = BEFORE_ALL;

  constructor(
    private readonly clicks: ClicksRepository,
    private readonly counts: ClickCountsRepository,
    private readonly blocks: ClickBlocksService,
    private readonly days: DayCounter,
    private readonly partitions: ClickPartitionsRepository,
    private readonly salts: VisitorSaltsRepository,
    private readonly retentionDays: number,
  ) {}

  /**
   * Does a part of what is to be done; whoever has clicks to store goes first.
   * @param now Unix milliseconds
   * @returns whether there is more to do
   */
  async tidyUp(now: number): Promise<boolean> {
    await this.partitions.ensureAhead(now);
    // First of all: they could identify visitors.
    await this.salts.forget();
    await this.clicks.forget();
    await this.partitions.dropPastVisitors(now);
    if (await this.mergePastDays(now)) return true;
    if (await this.forgetDeletedWorkspaces()) return true;
    const lastMonth = new Date(now - this.retentionDays * DAY_MS).toISOString().slice(0, 7);
    const [oldest] = await this.partitions.months();
    if (oldest === undefined || oldest >= lastMonth) return false;
    return this.forgetClicks(oldest);
  }

  /** Alone: nobody counts a last click for one of them meanwhile. */
  private async forgetDeletedWorkspaces(): Promise<boolean> {
    const ids = await this.counts.deletedWorkspaces(WORKSPACES_AT_ONCE);
    if (ids.length === 0) return false;
    await this.clicks.transaction(async () => {
      await this.blocks.forget('workspace', ids);
      await this.counts.forgetWorkspaces(ids);
    }, 'alone');
    return true;
  }

  /** A day that is over, and an hour more for late clicks, gets one block instead of several. */
  private async mergePastDays(now: number): Promise<boolean> {
    const today = startOfDay(now - HOUR_MS);
    let merged = 0;
    for (const owner of ['link', 'workspace'] as const) {
      await this.clicks.transaction(async () => {
        const days = await this.blocks.unmergedDays(owner, today, BUSY_DAYS_AT_ONCE);
        await this.counts.lockDays(owner, days);
        await this.blocks.mergePast(owner, days);
        merged += days.length;
      });
    }
    return merged > 0;
  }

  /** Single clicks go, what was counted stays: so the days without blocks get theirs first. */
  private async forgetClicks(month: string): Promise<boolean> {
    let days: OwnerDay[] = [];
    await this.clicks.transaction(async () => {
      const quiet = await this.counts.takeQuietDays(month, this.reached, QUIET_DAYS_AT_ONCE);
      await this.days.addStored(quiet);
      days = quiet;
    });
    this.reached = days.at(-1) ?? BEFORE_ALL;
    if (days.length === 0) await this.drop(month);
    return true;
  }

  /** Alone, and after another look: the clicks of a late segment may have come meanwhile. */
  private async drop(month: string): Promise<void> {
    await this.clicks.transaction(async () => {
      const late = await this.counts.takeQuietDays(month, BEFORE_ALL, QUIET_DAYS_AT_ONCE);
      if (late.length > 0) return;
      await this.partitions.dropMonth(month);
    }, 'alone');
  }
}
