import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { ProblemError } from '../../common/problem/problem.error.js';
import { LinksService } from '../../links/links.service.js';
import { breakDown, NO_CLICKS, sum, type ValueCounts } from './breakdown.js';
import { ReportsRepository, type SeriesRow, type ValueRow } from './reports.repository.js';
import type { Counts, LinkReport, StatsQuery, TimeRange } from './reports.types.js';
import { bucketStarts, InvalidRange, resolveRange } from './time-range.js';
import { TimeZone } from './time-zone.js';

/** What happened to links: sums over time, and by what is known of the clicks. */
@Injectable()
export class ReportsService {
  constructor(
    private readonly reports: ReportsRepository,
    private readonly links: LinksService,
    private readonly clock: Clock,
  ) {}

  /** @throws ProblemError link-not-found, invalid-request */
  async ofLink(userId: string, linkId: string, query: StatsQuery): Promise<LinkReport> {
    await this.links.get(userId, linkId);
    const zone = TimeZone.find(query.timezone);
    if (!zone) throw invalidQuery(['timezone'], 'must be an IANA time zone');
    const range = this.rangeOf(query, zone);
    const starts = bucketStarts(range, query.interval, zone);
    const counts = await this.series(linkId, range, starts, query);
    const totals = sum([...counts.values()]);
    const values = await this.values(linkId, range, query);
    return {
      linkId,
      from: zone.toString(range.from),
      to: zone.toString(range.to),
      interval: query.interval,
      timezone: zone.name,
      totals,
      series: starts.map((start, index) => ({
        start: zone.toString(start),
        ...(counts.get(index + 1) ?? NO_CLICKS),
      })),
      breakdown: breakDown(query.groupBy, values, totals, query.limit),
    };
  }

  private rangeOf(query: StatsQuery, zone: TimeZone): TimeRange {
    try {
      return resolveRange(query, zone, this.clock.now());
    } catch (error) {
      if (error instanceof InvalidRange) throw invalidQuery(['from', 'to'], error.message);
      throw error;
    }
  }

  private async series(
    linkId: string,
    range: TimeRange,
    starts: number[],
    { filters }: StatsQuery,
  ): Promise<Map<number, Counts>> {
    const rows =
      filters.length === 0
        ? await this.reports.series(linkId, range, starts)
        : await this.reports.filteredSeries(linkId, range, starts, filters);
    return new Map(rows.map((row) => [row.bucket, toCounts(row)]));
  }

  private async values(
    linkId: string,
    range: TimeRange,
    { groupBy, filters }: StatsQuery,
  ): Promise<ValueCounts[]> {
    if (groupBy.length === 0) return [];
    const rows =
      filters.length === 0
        ? await this.reports.values(linkId, range, groupBy)
        : await this.reports.filteredValues(linkId, range, groupBy, filters);
    return rows.map((row) => ({
      dimension: row.dimension,
      value: row.value,
      counts: toCounts(row),
    }));
  }
}

function toCounts(row: SeriesRow | ValueRow): Counts {
  const [clicks, bots, visitors] = [Number(row.clicks), Number(row.bots), Number(row.visitors)];
  return { clicks, humans: clicks - bots, bots, visitors };
}

function invalidQuery(names: string[], detail: string): ProblemError {
  return new ProblemError('invalid-request', {
    detail: `${names.join(' and ')} ${detail}.`,
    errors: names.map((name) => ({
      pointer: `?${name}`,
      code: 'invalid',
      detail: `${names.join(' and ')} ${detail}`,
    })),
  });
}
