import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../../database/database.service.js';
import type { Dimension, PackColumn } from '../analytics.types.js';
import { PackCounter } from './pack-counter.js';
import { planReport } from './report-plan.js';
import { reportStatement } from './report-statement.js';
import { ReportTally } from './report-tally.js';
import type { Counts, LinkTotals, ReportSelection, Scope, TimeRange } from './reports.types.js';
import { StoredPack } from './stored-pack.js';

type TotalRow = Counts & { owner: string; bucket: number; dimension: null; day: null };
type ValueRow = Counts & { bucket: null; dimension: Dimension; value: string; day: null };
type PackedRow = Record<PackColumn, string | null> & {
  owner: string;
  day: Date;
  is_rolled_up: boolean;
  packed: number;
};

/** Reads what was counted. */
@Injectable()
export class ReportsRepository {
  constructor(private readonly database: DatabaseService) {}

  async read(selection: ReportSelection): Promise<ReportTally> {
    const plan = planReport(selection);
    const { sql, parameters } = reportStatement(plan, selection);
    const { scope, starts, filters, groupBy } = selection;
    const [rows, links, tags] = await Promise.all([
      this.database.query<TotalRow | ValueRow | PackedRow>(sql, parameters),
      this.linksWithTag(scope),
      groupBy.includes('tag') ? this.tagsOf(scope) : [],
    ]);
    const tally = new ReportTally();
    const packs = new PackCounter(plan, { starts, filters, links }, tally);
    for (const row of rows) {
      if (row.day !== null) {
        const { owner: ownerId, day, is_rolled_up: isRolledUp, packed: clicks, ...columns } = row;
        await packs.add(
          new StoredPack({ ownerId, day: day.getTime(), isRolledUp, clicks, columns }),
        );
      } else if (row.dimension === null) {
        tally.addTotal(row.bucket, row);
        if (plan.owner === 'link') tally.addValue('link', row.owner, row);
      } else tally.addValue(row.dimension, row.value, row);
    }
    tally.addTags(new Map(tags.map((link) => [link.id, link.tags])));
    return tally;
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
    const tally = await this.read({
      scope: { linkIds },
      range,
      starts: [range.from],
      groupBy: ['link'],
      filters: [],
    });
    return ofAllTime.map(({ linkId, lastClickedAt }) => ({
      linkId,
      lastClickedAt,
      ...tally.countsOf('link', linkId),
    }));
  }

  private async linksWithTag(scope: Scope): Promise<Set<string> | undefined> {
    if ('linkIds' in scope || scope.tag === undefined) return undefined;
    const rows = await this.database.query<{ id: string }>(
      `SELECT id FROM links
       WHERE workspace_id = $1 AND deleted_at IS NULL AND tags @> ARRAY[$2::text]`,
      [scope.workspaceId, scope.tag],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** The links that have tags. */
  private async tagsOf(scope: Scope): Promise<{ id: string; tags: string[] }[]> {
    if ('linkIds' in scope) return [];
    return this.database.query(
      `SELECT id, tags FROM links
       WHERE workspace_id = $1 AND deleted_at IS NULL AND tags <> '{}'`,
      [scope.workspaceId],
    );
  }
}
