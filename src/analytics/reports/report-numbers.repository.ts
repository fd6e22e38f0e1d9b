import type { Dimension } from '../analytics.types.js';
import { breakDown, sum } from './breakdown.js';
import { PackCounter } from './pack-counter.js';
import { planReport, type ReportPlan } from './report-plan.js';
import type { ReportDatabase, Snapshot } from './report-database.js';
import { packsStatement, sumsStatement } from './report-statement.js';
import { ReportTally } from './report-tally.js';
import {
  type Counts,
  isDimension,
  type LinkCounts,
  type ReportNumbers,
  type ReportSelection,
  type Scope,
} from './reports.types.js';
import { packRowOf, StoredPack } from './stored-pack.js';

type Sums = Omit<Counts, 'humans'>;
type TotalRow = Sums & { owner: string; bucket: number; dimension: null };
type ValueRow = Sums & { bucket: null; dimension: Dimension; value: string };

/** Reads what was counted, and adds it up. */
export class ReportNumbersRepository {
  constructor(private readonly database: Pick<ReportDatabase, 'read'>) {}

  read(selection: ReportSelection): Promise<ReportNumbers> {
    const { groupBy, limit } = selection;
    return this.database.read(async (snapshot) => {
      const tally = await this.count(snapshot, selection);
      const totals = sum([...tally.series.values()]);
      return {
        totals,
        series: tally.series,
        breakdown: groupBy.filter(isDimension).flatMap((dimension) => {
          const values = tally.valuesOf(dimension).map(([value, counts]) => ({ value, counts }));
          return breakDown(dimension, values, totals, limit);
        }),
        links: groupBy.includes('link') ? await this.topLinks(snapshot, tally, limit) : [],
        tags: tally.valuesOf('tag', limit).map(([tag, counts]) => ({ tag, ...counts })),
      };
    });
  }

  private async count(snapshot: Snapshot, selection: ReportSelection): Promise<ReportTally> {
    const plan = planReport(selection);
    const tally = new ReportTally();
    await this.addSums(snapshot, plan, selection, tally);
    await this.addPacks(snapshot, plan, selection, tally);
    if (selection.groupBy.includes('tag')) {
      const tags = await this.tagsOf(snapshot, selection.scope);
      tally.addTags(new Map(tags.map((link) => [link.id, link.tags])));
    }
    return tally;
  }

  private async addSums(
    snapshot: Snapshot,
    plan: ReportPlan,
    selection: ReportSelection,
    tally: ReportTally,
  ): Promise<void> {
    const { sql, parameters } = sumsStatement(plan, selection);
    if (sql === '') return;
    for (const row of await snapshot.query<TotalRow | ValueRow>(sql, parameters)) {
      const { clicks, bots, visitors } = row;
      const counts = { clicks, humans: clicks - bots, bots, visitors };
      if (row.dimension === null) {
        tally.addTotal(row.bucket, counts);
        if (plan.owner === 'link') tally.addValue('link', row.owner, counts);
      } else tally.addValue(row.dimension, row.value, counts);
    }
  }

  /** Counts each pack as it comes, while PostgreSQL reads the next. */
  private async addPacks(
    snapshot: Snapshot,
    plan: ReportPlan,
    selection: ReportSelection,
    tally: ReportTally,
  ): Promise<void> {
    const { sql, columns } = packsStatement(plan, selection);
    if (sql === '') return;
    const { scope, starts, filters } = selection;
    const links = await this.linksWithTag(snapshot, scope);
    const counter = new PackCounter(plan, { starts, filters, links }, tally);
    await snapshot.copy(sql, (row) => counter.add(new StoredPack(packRowOf(row, columns))));
  }

  /** Those that are not deleted: if some are, one looks further. */
  private async topLinks(
    snapshot: Snapshot,
    tally: ReportTally,
    limit: number,
  ): Promise<LinkCounts[]> {
    for (let count = limit; ; count *= 4) {
      const counted = tally.valuesOf('link', count);
      const present = await this.present(
        snapshot,
        counted.map(([linkId]) => linkId),
      );
      const top = counted.filter(([linkId]) => present.has(linkId)).slice(0, limit);
      if (top.length >= limit || counted.length < count)
        return top.map(([linkId, counts]) => ({ linkId, ...counts }));
    }
  }

  private async present(snapshot: Snapshot, linkIds: string[]): Promise<Set<string>> {
    const rows = await snapshot.query<{ id: string }>(
      'SELECT id FROM links WHERE id = ANY($1::uuid[]) AND deleted_at IS NULL',
      [linkIds],
    );
    return new Set(rows.map(({ id }) => id));
  }

  private async linksWithTag(snapshot: Snapshot, scope: Scope): Promise<Set<string> | undefined> {
    if ('linkIds' in scope || scope.tag === undefined) return undefined;
    const rows = await snapshot.query<{ id: string }>(
      `SELECT id FROM links
       WHERE workspace_id = $1 AND deleted_at IS NULL AND tags @> ARRAY[$2::text]`,
      [scope.workspaceId, scope.tag],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** The links that have tags. */
  private async tagsOf(
    snapshot: Snapshot,
    scope: Scope,
  ): Promise<{ id: string; tags: string[] }[]> {
    if ('linkIds' in scope) return [];
    return snapshot.query(
      `SELECT id, tags FROM links
       WHERE workspace_id = $1 AND deleted_at IS NULL AND tags <> '{}'`,
      [scope.workspaceId],
    );
  }
}
