import { PackCache } from './pack-cache.js';
import { partsNeeded } from './pack-needs.js';
import type { Snapshot } from './report-database.js';
import type { ReportPlan } from './report-plan.js';
import { packListStatement, packsStatement } from './report-statement.js';
import type { ReportSelection } from './reports.types.js';
import { copiesOf, type PackHead, type PackParts, type PackRow, packRowOf } from './stored-pack.js';

/** Whoever keeps packs in memory. */
export interface PackKeeper {
  /** Whether it is the one to keep this pack. */
  takes(head: PackHead): boolean;
  /** @param parts are not copied: nobody may change them */
  keep(packId: string, parts: PackParts): void;
}

/** Reads the packs of reports. What was read of those of workspaces stays in memory. */
export class PackReader {
  private readonly cache: PackCache;

  /**
   * @param cacheBytes how much stays in memory at most
   * @param keeper who keeps some of them besides
   */
  constructor(
    private readonly cacheBytes: number,
    private readonly keeper?: PackKeeper,
  ) {
    this.cache = new PackCache(cacheBytes);
  }

  /** Which packs there are. */
  async list(
    snapshot: Snapshot,
    plan: ReportPlan,
    selection: ReportSelection,
  ): Promise<PackHead[]> {
    const { sql, parameters } = packListStatement(plan, selection);
    return sql === '' ? [] : snapshot.query<PackHead>(sql, parameters);
  }

  /** Those of them that are in memory, and the ids of the others. */
  findKept(
    plan: ReportPlan,
    selection: Pick<ReportSelection, 'starts' | 'filters'>,
    heads: PackHead[],
  ): { found: PackRow[]; missing: string[] } {
    return this.cache.findAll(heads, partsNeeded(plan, selection));
  }

  /**
   * Hands over each while PostgreSQL reads the next; its bytes are gone afterwards.
   * @param ids which packs; all, if undefined
   */
  async read(
    snapshot: Snapshot,
    plan: ReportPlan,
    selection: ReportSelection,
    ids: string[] | undefined,
    onPack: (pack: PackRow) => void,
  ): Promise<void> {
    if (ids?.length === 0) return;
    const { sql, parts } = packsStatement(plan, selection, ids);
    if (sql === '') return;
    await snapshot.copy(sql, (copied) => {
      const row = packRowOf(copied, parts);
      if (plan.owner === 'workspace') this.keep(row);
      onPack(row);
    });
  }

  private keep(row: PackRow): void {
    if (this.cacheBytes === 0) return;
    const keeper = this.keeper?.takes(row) ? this.keeper : this.cache;
    keeper.keep(row.id, copiesOf(row.parts));
  }
}
