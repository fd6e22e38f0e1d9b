import type { Owner } from '../analytics.types.js';
import type { ClickPartitionsRepository } from './click-partitions.repository.js';
import type { ClicksRepository } from './clicks.repository.js';
import type { DayCounter } from './day-counter.js';
import type { DayState } from './ingestion.types.js';
import type { Month, RollupRebuildRepository } from './rollup-rebuild.repository.js';

const LINKS_AT_ONCE = 200;

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
    await this.rebuildWorkspaces(months);
  }

  private async rebuildLinks(months: Month[]): Promise<void> {
    let after = '00000000-0000-0000-0000-000000000000';
    for (let done = 0; ;) {
      const linkIds = await this.rebuild.nextLinks(after, LINKS_AT_ONCE);
      if (linkIds.length === 0) return;
      for (const month of months) {
        await this.alone(async () => {
          await this.pack('link', await this.rebuild.recountDays(linkIds, month));
        });
      }
      await this.alone(() => this.rebuild.recountTotals(linkIds));
      after = linkIds.at(-1)!;
      done += linkIds.length;
      this.report(`links: ${done}`);
    }
  }

  private async rebuildWorkspaces(months: Month[]): Promise<void> {
    const workspaces = await this.rebuild.workspaces();
    for (const [index, workspaceId] of workspaces.entries()) {
      for (const month of months) {
        await this.alone(async () => {
          await this.pack('workspace', await this.rebuild.recountWorkspace(workspaceId, month));
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

function monthOf(month: string): Month {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return { from: Date.UTC(year, number - 1), to: Date.UTC(year, number) };
}
