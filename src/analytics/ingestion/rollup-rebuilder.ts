import { NIL_UUID } from '../../common/uuid.js';
import { DAY_MS, type Owner } from '../analytics.types.js';
import type { ClickPartitionsRepository } from './click-partitions.repository.js';
import type { ClicksRepository } from './clicks.repository.js';
import type { DayCounter } from './day-counter.js';
import { groupsOf } from './groups.js';
import type { DayState, TimeStretch } from './ingestion.types.js';
import type { RollupRebuildRepository } from './rollup-rebuild.repository.js';

const LINKS_AT_ONCE = 200;
/** Ingestion waits as long as these take. */
const CLICKS_AT_ONCE = 200_000;

/**
 * Counts all stored clicks anew. It may run beside the service: ingestion waits for each step, a
 * moment, and redirects for none. Months whose clicks were dropped keep their counts.
 */
export class RollupRebuilder {
  constructor(
    private readonly clicks: ClicksRepository,
    private readonly days: DayCounter,
    private readonly partitions: ClickPartitionsRepository,
    private readonly rebuild: RollupRebuildRepository,
    private readonly report: (progress: string) => void,
  ) {}

  async run(): Promise<void> {
    const months = (await this.partitions.completeMonths()).map(monthOf);
    await this.rebuildLinks(months);
    await this.rebuildWorkspaces(months.flatMap(daysOf));
  }

  private async rebuildLinks(months: TimeStretch[]): Promise<void> {
    const expected = await this.rebuild.linkCount();
    let done = 0;
    let links = await this.rebuild.nextLinks(NIL_UUID, LINKS_AT_ONCE);
    while (links.length > 0) {
      for (const group of groupsOf(links, ({ clicks }) => clicks, CLICKS_AT_ONCE)) {
        const linkIds = group.map(({ id }) => id);
        const isLarge = group[0].clicks > CLICKS_AT_ONCE;
        for (const stretch of isLarge ? months.flatMap(daysOf) : months) {
          await this.alone(async () => {
            await this.pack('link', await this.rebuild.recountDays(linkIds, stretch));
          });
        }
        await this.alone(() => this.rebuild.recountTotals(linkIds));
        done += group.length;
        this.report(`links: ${done} of about ${Math.max(done, expected)}`);
      }
      links = await this.rebuild.nextLinks(links.at(-1)!.id, LINKS_AT_ONCE);
    }
  }

  private async rebuildWorkspaces(days: TimeStretch[]): Promise<void> {
    const workspaces = await this.rebuild.workspaces();
    for (const [index, workspaceId] of workspaces.entries()) {
      for (const day of days) {
        await this.alone(async () => {
          await this.pack('workspace', await this.rebuild.recountWorkspace(workspaceId, day));
        });
      }
      this.report(`workspaces: ${index + 1} of ${workspaces.length}`);
    }
  }

  private async pack(owner: Owner, days: DayState[]): Promise<void> {
    await this.days.packStored(owner, days);
    await this.days.rollUpPacked(owner, days);
  }

  private alone(work: () => Promise<void>): Promise<void> {
    return this.clicks.transaction(work, 'alone');
  }
}

function monthOf(month: string): TimeStretch {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return { from: Date.UTC(year, number - 1), to: Date.UTC(year, number) };
}

const daysOf = ({ from, to }: TimeStretch): TimeStretch[] =>
  Array.from({ length: (to - from) / DAY_MS }, (_, index) => ({
    from: from + index * DAY_MS,
    to: from + (index + 1) * DAY_MS,
  }));
