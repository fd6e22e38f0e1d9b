import type { DatabaseService } from '../../database/database.service.js';
import type { Dimension, PackColumn } from '../analytics.types.js';
import { breakDown, sum } from './breakdown.js';
import { PackCounter } from './pack-counter.js';
import { planReport } from './report-plan.js';
import { reportStatement } from './report-statement.js';
import { ReportTally } from './report-tally.js';
import {
  type Counts,
  isDimension,
  type LinkCounts,
  type ReportNumbers,
  type ReportSelection,
  type Scope,
} from './reports.types.js';
import { StoredPack } from './stored-pack.js';

type TotalRow = Counts & { owner: string; bucket: number; dimension: null; day: null };
type ValueRow = Counts & { bucket: null; dimension: Dimension; value: string; day: null };
type PackedRow = Record<PackColumn, string | null> & {
  owner: string;
  day: Date;
  is_rolled_up: boolean;
  packed: number;
};

/** Reads what was counted, and adds it up. It needs nothing but a way to ask PostgreSQL. */
export class ReportNumbersRepository {
  constructor(private readonly database: Pick<DatabaseService, 'query'>) {}

  async read(selection: ReportSelection): Promise<ReportNumbers> {
    const { groupBy, limit } = selection;
    const tally = await this.count(selection);
    const totals = sum([...tally.series.values()]);
    return {
      totals,
      series: tally.series,
      breakdown: groupBy.filter(isDimension).flatMap((dimension) => {
        const values = tally.valuesOf(dimension).map(([value, counts]) => ({ value, counts }));
        return breakDown(dimension, values, totals, limit);
      }),
      links: groupBy.includes('link') ? await this.topLinks(tally, limit) : [],
      tags: tally.valuesOf('tag', limit).map(([tag, counts]) => ({ tag, ...counts })),
    };
  }

  private async count(selection: ReportSelection): Promise<ReportTally> {
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

  /** Those that are not deleted: if some are, one looks further. */
  private async topLinks(tally: ReportTally, limit: number): Promise<LinkCounts[]> {
    for (let count = limit; ; count *= 4) {
      const counted = tally.valuesOf('link', count);
      const present = await this.present(counted.map(([linkId]) => linkId));
      const top = counted.filter(([linkId]) => present.has(linkId)).slice(0, limit);
      if (top.length >= limit || counted.length < count)
        return top.map(([linkId, counts]) => ({ linkId, ...counts }));
    }
  }

  private async present(linkIds: string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ id: string }>(
      'SELECT id FROM links WHERE id = ANY($1::uuid[]) AND deleted_at IS NULL',
      [linkIds],
    );
    return new Set(rows.map(({ id }) => id));
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
