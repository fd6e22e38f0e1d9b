import type { CountingThread } from './counting.thread.js';
import type { CountingTask } from './counting.worker.js';
import { GroupCounters } from './group-counters.js';
import { type CountedGroups, KeptCounts, release } from './kept-counts.js';
import { PackReader } from './pack-reader.js';
import type { Snapshot } from './report-database.js';
import type { ReportPlan } from './report-plan.js';
import type { ReportTally } from './report-tally.js';
import type { ReportSelection } from './reports.types.js';
import type { PackHead } from './stored-pack.js';

/** To count fewer takes as long as to look which packs there are now. */
const FEWEST_CLICKS = 100_000;

/** What packs are counted for. */
export interface PackQuestion {
  plan: ReportPlan;
  selection: ReportSelection;
  /** The numbers of the links that count, ascending; all, if undefined. */
  links: Promise<Uint32Array | undefined>;
}

/** What stays in memory of packs. */
export interface PackMemory {
  /** How many sums at most, of those that were counted. */
  sums: number;
  /** How many bytes at most, of those that were read. */
  bytes: number;
}

/** Counts packs, and those that were counted for the same question before only if it has to. */
export class ReportPacksRepository {
  private readonly kept: KeptCounts;
  private readonly packs: PackReader;

  /**
   * @param helper keeps and counts some of them
   * @param fewestClicks what was counted of so many is kept
   */
  constructor(
    { sums, bytes }: PackMemory,
    private readonly helper?: CountingThread,
    private readonly fewestClicks = FEWEST_CLICKS,
  ) {
    this.kept = new KeptCounts(sums);
    this.packs = new PackReader(bytes, helper);
  }

  /** @param meanwhile what else is to be read: PostgreSQL does while packs are counted that are in memory */
  async addTo(
    tally: ReportTally,
    snapshot: Snapshot,
    { plan, selection, links: promised }: PackQuestion,
    meanwhile: () => Promise<void>,
  ): Promise<void> {
    // Packs of links are small, and there may be thousands: it is quicker to read them than to list them.
    const listed = plan.owner === 'workspace' && this.packs.list(snapshot, plan, selection);
    const [links, listedHeads] = await Promise.all([promised, listed]);
    const known = this.kept.take(selection, links);
    const heads = listedHeads || (known && (await this.packs.list(snapshot, plan, selection)));
    const valid = validOf(known ?? new Map(), heads ?? []);
    const others = heads?.filter(({ id, group }) => !valid.get(group)?.ids.has(id));
    const { starts, filters } = selection;
    const task = { plan, selection: { starts, filters, links } };
    const counters = new GroupCounters(plan, task.selection, valid);
    const missing = await this.countKept(task, others ?? [], counters, meanwhile);
    const ids = others && missing;
    await this.packs.read(snapshot, plan, selection, ids, (pack) => counters.add(pack));
    const { groups, clicks } = counters;
    for (const counted of groups.values()) tally.addAll(counted.tally);
    if (known || clicks >= this.fewestClicks) this.kept.keep(selection, links, groups);
    else release(groups);
  }

  /**
   * Counts those packs that are in memory.
   * @returns the ids of the others
   */
  private async countKept(
    task: CountingTask,
    heads: PackHead[],
    counters: GroupCounters,
    meanwhile: () => Promise<void>,
  ): Promise<string[]> {
    const helper = task.plan.owner === 'workspace' ? this.helper : undefined;
    const theirs = heads.filter((head) => helper?.takes(head));
    const ours = heads.filter((head) => !helper?.takes(head));
    // In this order: the helper finds a core that nobody has yet.
    const [missing = [], , alsoMissing] = await Promise.all([
      helper?.count(task, theirs, counters),
      meanwhile(),
      this.countHere(task, ours, counters),
    ]);
    return [...missing, ...alsoMissing];
  }

  private async countHere(
    { plan, selection }: CountingTask,
    heads: PackHead[],
    counters: GroupCounters,
  ): Promise<string[]> {
    const { found, missing } = this.packs.findKept(plan, selection, heads);
    for (const pack of found) counters.add(pack);
    return missing;
  }
}

/** Those groups of which all packs are still there. */
function validOf(known: CountedGroups, heads: PackHead[]): CountedGroups {
  const present = new Set(heads.map(({ id, group }) => `${group} ${id}`));
  const isValid = (group: number, ids: ReadonlySet<string>): boolean =>
    [...ids].every((id) => present.has(`${group} ${id}`));
  return new Map([...known].filter(([group, { ids }]) => isValid(group, ids)));
}
