import type { Dimension } from '../analytics.types.js';
import { breakDown, sum } from './breakdown.js';
import type { ReportDatabase, Snapshot } from './report-database.js';
import { ReportLinksRepository, type TaggedLinks } from './report-links.repository.js';
import { linksWith, tagCounts } from './tags.js';
import { ReportPacksRepository } from './report-packs.repository.js';
import { planReport, type ReportPlan } from './report-plan.js';
import { sumsStatement } from './report-statement.js';
import { ReportTally } from './report-tally.js';
import {
  type CountedLink,
  type Counts,
  type ReportNumbers,
  type ReportSelection,
} from './reports.types.js';

type Sums = Omit<Counts, 'humans'>;
type TotalRow = Sums & { owner: string; bucket: number; dimension: null };
type ValueRow = Sums & { bucket: null; dimension: Dimension; value: string };

/** Reads what was counted, and adds it up. */
export class ReportNumbersRepository {
  constructor(
    private readonly database: Pick<ReportDatabase, 'read'>,
    private readonly packs: ReportPacksRepository,
  ) {}

  /** While packs are counted, which is this thread's work, PostgreSQL reads the tags on another connection. */
  async read(selection: ReportSelection): Promise<ReportNumbers> {
    const { groupBy, limit } = selection;
    const tags = this.readTags(selection);
    const [tagged, { tally, topLinks }] = await Promise.all([
      tags,
      this.readCounts(selection, tags),
    ]);
    const totals = sum([...tally.series.values()]);
    const numbers = {
      totals,
      series: tally.series,
      breakdown: groupBy.flatMap((dimension) => {
        const values = tally.valuesOf(dimension).map(([value, counts]) => ({ value, counts }));
        return breakDown(dimension, values, totals, limit);
      }),
      links: tally.linksOfIds,
      topLinks,
      tags: tagCounts(tagged, tally.links, limit),
    };
    tally.release();
    return numbers;
  }

  private async readTags({ scope }: ReportSelection): Promise<TaggedLinks[]> {
    if ('linkIds' in scope) return [];
    const { workspaceId } = scope;
    return this.database.read((snapshot) =>
      new ReportLinksRepository(snapshot).tagged(workspaceId),
    );
  }

  /** @param tags which links have them, if only those with one count */
  private async readCounts(
    selection: ReportSelection,
    tags: Promise<TaggedLinks[]>,
  ): Promise<{ tally: ReportTally; topLinks: CountedLink[] }> {
    const { scope, limit } = selection;
    const isTagged = 'workspaceId' in scope && scope.tag !== undefined;
    const those = isTagged
      ? tags.then((tagged) => linksWith(scope.tag!, tagged))
      : Promise.resolve(undefined);
    return this.database.read(async (snapshot) => {
      const tally = await this.count(snapshot, selection, those);
      if ('linkIds' in scope) return { tally, topLinks: [] };
      const links = new ReportLinksRepository(snapshot);
      return { tally, topLinks: await links.top(scope.workspaceId, tally.links, limit) };
    });
  }

  private async count(
    snapshot: Snapshot,
    selection: ReportSelection,
    links: Promise<Uint32Array | undefined>,
  ): Promise<ReportTally> {
    const plan = planReport(selection);
    const tally = new ReportTally();
    await this.packs.addTo(tally, snapshot, { plan, selection, links }, () =>
      addSums(snapshot, plan, selection, tally),
    );
    return tally;
  }
}

async function addSums(
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
      if (plan.owner === 'link') tally.addLink(row.owner, counts);
    } else tally.addValue(row.dimension, row.value, counts);
  }
}
