import { Inject, Injectable } from '@nestjs/common';
import { DatabaseService } from '../../database/database.service.js';
import { NO_CLICKS } from './breakdown.js';
import type { ReportNumbersRepository } from './report-numbers.repository.js';
import { ReportThread } from './report.thread.js';
import type { LinkTotals, ReportNumbers, ReportSelection, TimeRange } from './reports.types.js';

/** Reads what was counted. */
@Injectable()
export class ReportsRepository {
  constructor(
    private readonly database: DatabaseService,
    @Inject(ReportThread) private readonly reader: Pick<ReportNumbersRepository, 'read'>,
  ) {}

  read(selection: ReportSelection): Promise<ReportNumbers> {
    return this.reader.read(selection);
  }

  /** Of the range, or of all time; a link that nobody ever clicked has no row. */
  async totals(linkIds: string[], range: TimeRange | undefined): Promise<LinkTotals[]> {
    const ofAllTime = await this.database.query<LinkTotals>(
      `SELECT link_id AS "linkId", last_clicked_at AS "lastClickedAt", clicks::float8 AS clicks,
         (clicks - bots)::float8 AS humans, bots::float8 AS bots, visitors::float8 AS visitors
       FROM link_totals WHERE link_id = ANY($1::uuid[])`,
      [linkIds],
    );
    if (!range) return ofAllTime;
    const { links } = await this.read({
      scope: { linkIds },
      range,
      starts: [range.from],
      groupBy: ['link'],
      filters: [],
      limit: linkIds.length,
    });
    const ofRange = new Map(links.map((link) => [link.linkId, link]));
    return ofAllTime.map(({ linkId, lastClickedAt }) => ({
      ...(ofRange.get(linkId) ?? { linkId, ...NO_CLICKS }),
      lastClickedAt,
    }));
  }
}
