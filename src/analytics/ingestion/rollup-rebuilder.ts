import { DAY_MS } from '../analytics.types.js';
import type { ClickCountsRepository } from './click-counts.repository.js';
import type { ClickPartitionsRepository } from './click-partitions.repository.js';
import type { ClicksRepository } from './clicks.repository.js';
import type { RollupRebuildRepository, Stretch } from './rollup-rebuild.repository.js';

const LINKS_AT_ONCE = 200;

/**
 * Counts all stored clicks anew. It may run beside the service: ingestion waits for each step, a
 * moment, and redirects for none. Months whose clicks were dropped keep their counts.
 */
export class RollupRebuilder {
  constructor(
    private readonly clicks: ClicksRepository,
    private readonly counts: ClickCountsRepository,
    private readonly partitions: ClickPartitionsRepository,
    private readonly rebuild: RollupRebuildRepository,
    private readonly report: (progress: string) => void,
  ) {}

  async run(): Promise<void> {
    const months = (await this.partitions.completeMonths()).map(stretchOf);
    await this.rebuildLinks(months);
    await this.rebuildWorkspaces(months);
  }

  private async rebuildLinks(months: Stretch[]): Promise<void> {
    let after = '00000000-0000-0000-0000-000000000000';
    for (let done = 0; ;) {
      const linkIds = await this.rebuild.nextLinks(after, LINKS_AT_ONCE);
      if (linkIds.length === 0) return;
      for (const month of months) {
        await this.alone(async () => {
          await this.counts.rollUpDays(await this.rebuild.recountDays(linkIds, month));
        });
      }
      await this.alone(() => this.rebuild.recountTotals(linkIds));
      after = linkIds.at(-1)!;
      done += linkIds.length;
      this.report(`links: ${done}`);
    }
  }

  private async rebuildWorkspaces(months: Stretch[]): Promise<void> {
    const workspaces = await this.rebuild.workspaces();
    for (const [index, workspaceId] of workspaces.entries()) {
      for (const day of months.flatMap(daysOf)) {
        await this.alone(() => this.rebuild.recountWorkspace(workspaceId, day));
      }
      this.report(`workspaces: ${index + 1} of ${workspaces.length}`);
    }
  }

  private alone(work: () => Promise<void>): Promise<void> {
    return this.clicks.transaction(work, 'alone');
  }
}

function stretchOf(month: string): Stretch {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return { from: Date.UTC(year, number - 1), to: Date.UTC(year, number) };
}

const daysOf = ({ from, to }: Stretch): Stretch[] =>
  Array.from({ length: (to - from) / DAY_MS }, (_, index) => ({
    from: from + index * DAY_MS,
    to: from + (index + 1) * DAY_MS,
  }));
