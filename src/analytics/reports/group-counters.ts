import type { PackedLinks } from '../packed-links.js';
import type { CountedGroups } from './kept-counts.js';
import { PackCounter, type PackSelection } from './pack-counter.js';
import type { ReportPlan } from './report-plan.js';
import { ReportTally } from './report-tally.js';
import type { StoredPack } from './stored-pack.js';

/** Packs of a group, as they are being counted. */
interface Counting {
  ids: Set<string>;
  tally: ReportTally;
  counter: PackCounter;
}

/** Counts packs apart for each of their groups, and adds to what is known. */
export class GroupCounters {
  /** How many clicks were counted. */
  clicks = 0;
  private readonly counting = new Map<number, Counting>();

  constructor(
    private readonly plan: ReportPlan,
    private readonly selection: PackSelection,
    private readonly known: CountedGroups,
  ) {}

  add(pack: StoredPack): void {
    const { ids, counter } = this.of(pack.group);
    counter.add(pack);
    ids.add(pack.id);
    this.clicks += pack.size;
  }

  /**
   * The links of clicks that pass the filter, or of those that do not, where all of the pack were added.
   */
  addLinks(group: number, links: PackedLinks, passes: boolean): void {
    const { tally } = this.of(group);
    if (passes) links.addTo(tally.links);
    else tally.links.subtract(links.toList());
  }

  /** All that is known now. */
  get groups(): CountedGroups {
    return new Map([...this.known, ...this.counting]);
  }

  private of(group: number): Counting {
    return this.counting.get(group) ?? this.begin(group);
  }

  private begin(group: number): Counting {
    const before = this.known.get(group);
    const tally = new ReportTally();
    if (before) tally.addAll(before.tally);
    const counter = new PackCounter(this.plan, this.selection, tally);
    const begun = { ids: new Set(before?.ids), tally, counter };
    this.counting.set(group, begun);
    return begun;
  }
}
