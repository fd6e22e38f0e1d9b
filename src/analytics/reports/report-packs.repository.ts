import type { CountingThread } from './counting.thread.js';
import type { CountingTask } from './counting.worker.js';
import { GroupCounters } from './group-counters.js';
import { type CountedGroups, KeptCounts, release } from './kept-counts.js';
import { PackReader, type PackReading } from './pack-reader.js';
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
   * @param helper counts half of what is in memory
   * @param fewestClicks what was counted of so many is kept
   */
  constructor(
    { sums, bytes }: PackMemory,
    private readonly helper?: CountingThread,
    private readonly fewestClicks = FEWEST_CLICKS,
  ) {
    this.kept = new KeptCounts(sums);
    this.packs = new PackReader(bytes);
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
    const reading = this.packs.begin(plan, selection, others);
    await Promise.all([meanwhile(), this.countKept(reading, task, counters)]);
    await reading.readOthers(snapshot, (pack) => counters.add(pack));
    const { groups, clicks } = counters;
    for (const counted of groups.values()) tally.addAll(counted.tally);
    if (known || clicks >= this.fewestClicks) this.kept.keep(selection, links, groups);
    else release(groups);
  }

  /** Begins before it returns; errors come with the promise. */
  private async countKept(
    reading: PackReading,
    task: Omit<CountingTask, 'packs'>,
    counters: GroupCounters,
  ): Promise<void> {
    const packs = reading.findKept();
    const shared = this.helper?.share(task, packs, counters);
    for (const pack of shared?.left ?? packs) counters.add(pack);
    await shared?.counted;
  }
}

/** Those groups of which all packs are still there. */
function validOf(known: CountedGroups, heads: PackHead[]): CountedGroups {
  const present = new Set(heads.map(({ id, group }) => `${group} ${id}`));
  const isValid = (group: number, ids: ReadonlySet<string>): boolean =>
    [...ids].every((id) => present.has(`${group} ${id}`));
  return new Map([...known].filter(([group, { ids }]) => isValid(group, ids)));
}
