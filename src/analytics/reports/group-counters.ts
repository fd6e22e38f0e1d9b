import type { CountedGroups, CountedPacks } from './kept-counts.js';
import { PackCounter, type PackSelection } from './pack-counter.js';
import type { ReportPlan } from './report-plan.js';
import { ReportTally, type TallySums } from './report-tally.js';
import { Scratch } from './scratch.js';
import { type PackRow, StoredPack } from './stored-pack.js';

/** For all: one pack is counted after the other. */
const SCRATCH = new Scratch();

/** What was counted of packs, as it can be handed to another thread. */
export interface PortableCounts {
  clicks: number;
  groups: { group: number; ids: ReadonlySet<string>; sums: TallySums }[];
}

/** Counts packs apart for each of their groups, and adds to what is known. */
export class GroupCounters {
  /** How many clicks were counted. */
  clicks = 0;
  private readonly counters = new Map<number, PackCounter>();

  /** @param groups what is known, which is added to */
  constructor(
    private readonly plan: ReportPlan,
    private readonly selection: PackSelection,
    readonly groups: CountedGroups,
  ) {}

  get portable(): PortableCounts {
    const groups = [...this.groups].map(([group, { ids, tally }]) => ({
      group,
      ids,
      sums: tally.portable,
    }));
    return { clicks: this.clicks, groups };
  }

  add(row: PackRow): void {
    const { group, id, clicks } = row;
    const { ids, tally } = this.groupOf(group);
    let counter = this.counters.get(group);
    if (!counter) {
      counter = new PackCounter(this.plan, this.selection, tally);
      this.counters.set(group, counter);
    }
    counter.add(new StoredPack(row, SCRATCH));
    ids.add(id);
    this.clicks += clicks;
  }

  /** Adds what was counted of other packs. */
  addAll({ clicks, groups }: PortableCounts): void {
    for (const { group, ids: counted, sums } of groups) {
      const { ids, tally } = this.groupOf(group);
      for (const id of counted) ids.add(id);
      tally.addAll(sums);
    }
    this.clicks += clicks;
  }

  private groupOf(group: number): CountedPacks {
    let counted = this.groups.get(group);
    if (!counted) this.groups.set(group, (counted = { ids: new Set(), tally: new ReportTally() }));
    return counted;
  }
}
