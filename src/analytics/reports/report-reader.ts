import { ClickBlocksService } from '../blocks/click-blocks.service.js';
import { ClickSums } from '../common/click-sums.js';
import type { SqlClient } from '../common/sql.js';
import { breakDown } from './breakdown.js';
import { ReportCountsRepository } from './report-counts.repository.js';
import type { ReportDatabase } from './report-database.js';
import { linksWith, ReportLinksRepository, tagCounts } from './report-links.repository.js';
import { planReport } from './report-plan.js';
import type { ReportNumbers, ReportSelection } from './reports.types.js';
import { needsClicks, Visitors } from './visitors.js';

/** Reads what was counted, and adds it up. */
export class ReportReader {
  private readonly cache: ReturnType<typeof ClickBlocksService.newCache>;

  /** @param cacheBytes how much stays in memory of the blocks that were read */
  constructor(
    private readonly database: Pick<ReportDatabase, 'read'>,
    cacheBytes: number,
  ) {
    this.cache = ClickBlocksService.newCache(cacheBytes);
  }

  /** All of it as it was at one moment. */
  read(selection: ReportSelection): Promise<ReportNumbers> {
    return this.database.read((client) => this.readFrom(client, selection));
  }

  private async readFrom(client: SqlClient, selection: ReportSelection): Promise<ReportNumbers> {
    const { scope, groupBy, limit } = selection;
    const links = new ReportLinksRepository(client);
    const tagged = 'workspaceId' in scope ? await links.tagged(scope.workspaceId) : [];
    const tag = 'workspaceId' in scope ? scope.tag : undefined;
    const plan = planReport(selection, tag === undefined ? undefined : linksWith(tag, tagged));
    const sums = new ClickSums();
    const counts = new ReportCountsRepository(client);
    await counts.addDays(plan, sums);
    await counts.addQuietDays(plan.query, sums);
    await new ClickBlocksService(client, { cache: this.cache }).count(plan.query, sums);
    const visitors = new Visitors(
      selection,
      needsClicks(selection, sums.total)
        ? await counts.humanClicks(selection, plan.query, sums)
        : undefined,
    );
    const topLinks =
      'workspaceId' in scope ? await links.top(scope.workspaceId, sums.links, limit) : [];
    return {
      totals: visitors.total(sums.total),
      series: visitors.series(sums.series),
      breakdown: groupBy.flatMap((dimension) =>
        visitors.breakdown(dimension, breakDown(dimension, sums, limit)),
      ),
      links: [...sums.linksById].map(([linkId, ofLink]) => ({ linkId, ...ofLink })),
      topLinks: visitors.links(topLinks),
      tags: visitors.tags(tagCounts(tagged, sums.links, limit)),
    };
  }
}
