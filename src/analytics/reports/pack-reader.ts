import { PACK_PARTS, type PackPart } from '../pack-layout.js';
import { PackCache } from './pack-cache.js';
import { PackNeeds } from './pack-needs.js';
import type { Snapshot } from './report-database.js';
import type { ReportPlan } from './report-plan.js';
import { packListStatement, packsStatement } from './report-statement.js';
import type { ReportSelection } from './reports.types.js';
import { type PackHead, type PackRow, packRowOf } from './stored-pack.js';

/** Reads the packs of a report. What was read of those of workspaces stays in memory. */
export class PackReader {
  private readonly cache: PackCache;

  /** @param cacheBytes how much stays in memory at most */
  constructor(cacheBytes: number) {
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

  /** @param heads which packs; all, if undefined */
  begin(plan: ReportPlan, selection: ReportSelection, heads: PackHead[] | undefined): PackReading {
    return new PackReading(this.cache, plan, selection, heads);
  }
}

/** Reads some packs of a report. */
export class PackReading {
  /** The ids of those that are not in memory; all have to be read, if undefined. */
  private missing: string[] | undefined;

  constructor(
    private readonly cache: PackCache,
    private readonly plan: ReportPlan,
    private readonly selection: ReportSelection,
    private readonly heads: PackHead[] | undefined,
  ) {}

  /** Those that are in memory. */
  findKept(): PackRow[] {
    if (!this.heads) return [];
    const neededOf = partsOfDays(this.plan, this.selection);
    const found: PackRow[] = [];
    this.missing = [];
    for (const head of this.heads) {
      const parts = this.cache.find(head.id, neededOf(head));
      if (parts) found.push({ ...head, parts });
      else this.missing.push(head.id);
    }
    return found;
  }

  /** Hands over those that are not, each while PostgreSQL reads the next; its bytes are gone afterwards. */
  async readOthers(snapshot: Snapshot, onPack: (pack: PackRow) => void): Promise<void> {
    const { plan, selection, missing } = this;
    if (missing?.length === 0) return;
    const { sql, parts } = packsStatement(plan, selection, missing);
    if (sql === '') return;
    await snapshot.copy(sql, (copied) => {
      const row = packRowOf(copied, parts);
      if (plan.owner === 'workspace') this.keep(row);
      onPack(row);
    });
  }

  private keep({ id, parts }: PackRow): void {
    for (const [name, bytes] of Object.entries(parts)) {
      if (bytes) this.cache.keep(id, name as PackPart, bytes);
    }
  }
}

/** Which parts are needed of a pack. */
function partsOfDays(plan: ReportPlan, selection: ReportSelection): (head: PackHead) => PackPart[] {
  const [rolledUp, others] = [plan.rolledUp, plan.others].map((windows) => {
    const needs = new PackNeeds(plan, selection, windows);
    return PACK_PARTS[plan.owner].map((part) => ({ part, days: new Set(needs.of(part)) }));
  });
  return ({ day, isRolledUp }) =>
    (isRolledUp ? rolledUp! : others!).flatMap(({ part, days }) => (days.has(day) ? [part] : []));
}
