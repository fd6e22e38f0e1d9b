import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../../database/database.service.js';
import { scopeCondition, SqlParameters } from './report-conditions.js';
import { ReportSource } from './report-source.js';
import { reportStatement, SUMS } from './report-statement.js';
import type { Counts, Group, LinkTotals, ReportSelection, TimeRange } from './reports.types.js';
import { coverRange } from './time-cover.js';

export interface GroupRow extends Counts {
  group: Group;
  /** Of no meaning if `other`. */
  value: string;
  /** Whether it is the sum of the values beyond the limit. */
  other: boolean;
}

export interface ReportRows {
  /** By the index of the start of the bucket; a bucket without clicks has no row. */
  series: Map<number, Counts>;
  /** Most clicks first. */
  groups: GroupRow[];
}

type ReportRow = Counts &
  ({ group: null; bucket: number } | { group: Group; value: string; other: boolean });

/** Reads what was counted. */
@Injectable()
export class ReportsRepository {
  constructor(private readonly database: DatabaseService) {}

  async read(selection: ReportSelection): Promise<ReportRows> {
    const { sql, parameters } = reportStatement(selection);
    const rows = await this.database.query<ReportRow>(sql, parameters);
    const series = new Map<number, Counts>();
    const groups: GroupRow[] = [];
    for (const row of rows) {
      const { clicks, humans, bots, visitors } = row;
      const counts = { clicks, humans, bots, visitors };
      if (row.group === null) series.set(row.bucket, counts);
      else groups.push({ group: row.group, value: row.value, other: row.other, ...counts });
    }
    return { series, groups };
  }

  /** Of the range, or of all time; a link that nobody ever clicked has no row. */
  totals(linkIds: string[], range: TimeRange | undefined): Promise<LinkTotals[]> {
    const parameters = new SqlParameters();
    const scope = { linkIds };
    const isWanted = scopeCondition(scope, parameters);
    const counted = range
      ? new ReportSource(scope, 'link', parameters).totals(coverRange(range))
      : `SELECT link_id, clicks, bots, visitors FROM link_totals WHERE ${isWanted}`;
    return this.database.query(
      `SELECT last.link_id AS "linkId", last.last_clicked_at AS "lastClickedAt",
         coalesce(sums.clicks, 0) AS clicks, coalesce(sums.humans, 0) AS humans,
         coalesce(sums.bots, 0) AS bots, coalesce(sums.visitors, 0) AS visitors
       FROM link_totals AS last LEFT JOIN (
         SELECT link_id, ${SUMS} FROM (${counted}) AS counted GROUP BY link_id
       ) AS sums ON sums.link_id = last.link_id
       WHERE last.${isWanted}`,
      parameters.values,
    );
  }
}
