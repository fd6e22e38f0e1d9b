import type { CountedGroups, CountedPacks } from './kept-counts.js';
import { PackCounter, type PackSelection } from './pack-counter.js';
import type { ReportPlan } from './report-plan.js';
import { ReportTally } from './report-tally.js';
import type { StoredPack } from './stored-pack.js';

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

  add(pack: StoredPack): void {
    const { ids, tally } = this.groupOf(pack);
    let counter = this.counters.get(pack.group);
    if (!counter) {
      counter = new PackCounter(this.plan, this.selection, tally);
      this.counters.set(pack.group, counter);
    }
    counter.add(pack);
    ids.add(pack.id);
    this.clicks += pack.size;
  }

  private groupOf({ group }: StoredPack): CountedPacks {
    let counted = this.groups.get(group);
    if (!counted) this.groups.set(group, (counted = { ids: new Set(), tally: new ReportTally() }));
    return counted;
  }
}
