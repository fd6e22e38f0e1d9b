import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { LinksService } from '../../links/links.service.js';
import { WorkspacesService } from '../../workspaces/workspaces.service.js';
import type { TimeRange } from '../analytics.types.js';
import { NO_CLICKS } from '../common/click-sums.js';
import { LinkTotalsRepository } from './link-totals.repository.js';
import type { ReportReader } from './report-reader.js';
import { invalidQuery } from './reports.problems.js';
import { ReportThread } from './report.thread.js';
import type {
  LinkCounts,
  LinkReport,
  LinkTotalsQuery,
  LinkTotalsReport,
  Period,
  Report,
  ReportNumbers,
  Scope,
  StatsQuery,
  WorkspaceReport,
  WorkspaceStatsQuery,
} from './reports.types.js';
import { bucketStarts, InvalidRange, resolveRange } from './time-range.js';
import { TimeZone } from './time-zone.js';

/** What happened to links: sums over time, and by what is known of the clicks. */
@Injectable()
export class ReportsService {
  constructor(
    @Inject(ReportThread) private readonly reports: Pick<ReportReader, 'read'>,
    private readonly linkTotals: LinkTotalsRepository,
    private readonly links: LinksService,
    private readonly workspaces: WorkspacesService,
    private readonly clock: Clock,
  ) {}

  /** @throws ProblemError link-not-found, invalid-request */
  async ofLink(userId: string, id: string, query: StatsQuery): Promise<LinkReport> {
    const { id: linkId } = await this.links.get(userId, id, 'stats:read');
    const { report } = await this.report({ linkIds: [linkId] }, query);
    return { linkId, ...report };
  }

  /** @throws ProblemError not-found (workspace), invalid-request */
  async ofWorkspace(
    userId: string,
    id: string,
    query: WorkspaceStatsQuery,
  ): Promise<WorkspaceReport> {
    const { workspaceId } = await this.workspaces.require(userId, id, 'stats:read');
    const scope = { workspaceId, tag: query.tag };
    const { report, numbers } = await this.report(scope, query);
    const topLinks = numbers.topLinks.map(({ domain, ...link }) => ({
      ...link,
      shortUrl: this.links.shortUrl({ domain, code: link.code }),
    }));
    return { workspaceId, ...report, topLinks, tags: numbers.tags };
  }

  /** @throws ProblemError invalid-request */
  async totals(userId: string, query: LinkTotalsQuery): Promise<LinkTotalsReport> {
    const zone = zoneOf(query);
    const hasRange = query.from !== undefined || query.to !== undefined;
    const range = hasRange ? this.rangeOf({ ...query, interval: 'day' }, zone) : undefined;
    const found = await this.links.getMany(userId, query.linkIds, 'stats:read');
    const ids = new Set(found.map(({ id }) => id));
    const rows = await this.linkTotals.ofAllTime([...ids]);
    const counted = range && (await this.countedIn(range, [...ids]));
    const totals = new Map(
      rows.map((row) => [
        row.linkId,
        counted ? { ...row, ...(counted.get(row.linkId) ?? NO_CLICKS) } : row,
      ]),
    );
    return {
      from: range ? zone.toString(range.from) : null,
      to: range ? zone.toString(range.to) : null,
      items: query.linkIds
        .filter((linkId) => ids.has(linkId))
        .map((linkId) => totals.get(linkId) ?? { linkId, ...NO_CLICKS, lastClickedAt: null }),
      notFound: query.linkIds.filter((linkId) => !ids.has(linkId)),
    };
  }

  private async report(
    scope: Scope,
    query: StatsQuery,
  ): Promise<{ report: Report; numbers: ReportNumbers }> {
    const zone = zoneOf(query);
    const range = this.rangeOf(query, zone);
    const starts = bucketStarts(range, query.interval, zone);
    const { groupBy, limit, filters } = query;
    const numbers = await this.reports.read({ scope, range, starts, groupBy, filters, limit });
    const report = {
      from: zone.toString(range.from),
      to: zone.toString(range.to),
      interval: query.interval,
      timezone: zone.name,
      totals: numbers.totals,
      series: starts.map((start, index) => ({
        start: zone.toString(start),
        ...(numbers.series.get(index) ?? NO_CLICKS),
      })),
      breakdown: numbers.breakdown,
    };
    return { report, numbers };
  }

  private async countedIn(range: TimeRange, linkIds: string[]): Promise<Map<string, LinkCounts>> {
    const { links } = await this.reports.read({
      scope: { linkIds },
      range,
      starts: [range.from],
      groupBy: [],
      filters: [],
      limit: linkIds.length,
    });
    return new Map(links.map((link) => [link.linkId, link]));
  }

  private rangeOf(period: Period, zone: TimeZone): TimeRange {
    try {
      return resolveRange(period, zone, this.clock.now());
    } catch (error) {
      if (error instanceof InvalidRange) throw invalidQuery(['from', 'to'], error.message);
      throw error;
    }
  }
}

function zoneOf({ timezone }: Pick<Period, 'timezone'>): TimeZone {
  const zone = TimeZone.find(timezone);
  if (!zone) throw invalidQuery(['timezone'], 'must be an IANA time zone');
  return zone;
}
