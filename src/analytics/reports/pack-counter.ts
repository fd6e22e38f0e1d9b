import { packUuid, unpackUuid } from '../pack-values.js';
import { NO_CLICKS } from './breakdown.js';
import { passesFilter } from './filter.js';
import { PackSums } from './pack-sums.js';
import { PickedClicks, timeOf } from './picked-clicks.js';
import type { ReportPlan } from './report-plan.js';
import type { ReportTally } from './report-tally.js';
import type { Counts, Filter, Group } from './reports.types.js';
import type { StoredPack } from './stored-pack.js';
import { bucketAt } from './time-range.js';

/** Which links and values count. */
export interface PackSelection {
  /** The beginnings of the buckets, ascending. */
  starts: number[];
  filters: Filter[];
  /** All, if undefined. */
  links: ReadonlySet<string> | undefined;
}

/** Counts the clicks of packs, some nanoseconds each. */
export class PackCounter {
  private readonly links: ReadonlySet<string> | undefined;
  /** What the tally has of each link, by its packed id. */
  private readonly linkSums = new Map<string, Counts>();

  constructor(
    private readonly plan: ReportPlan,
    private readonly selection: PackSelection,
    private readonly tally: ReportTally,
  ) {
    const { links } = selection;
    this.links = links && new Set([...links].map(packUuid));
  }

  add(pack: StoredPack): void {
    const { dimensions, rolledUp, others } = this.plan;
    const { totals, values, links } = pack.isRolledUp ? rolledUp : others;
    const picked = this.pickClicks(pack);
    this.addTotals(picked.within(totals));
    const valued = picked.within(values);
    for (const name of dimensions) this.addValues(name, valued);
    this.addValues('link', picked.within(links));
  }

  private pickClicks(pack: StoredPack): PickedClicks {
    const { links } = this;
    let picked = PickedClicks.allOf(pack);
    if (links) picked = picked.where(pack.column('link')!, (link) => links.has(link as string));
    for (const filter of this.selection.filters) {
      const column = pack.column(filter.dimension)!;
      picked = picked.where(column, (value) => passesFilter(filter, value as string | null));
    }
    return picked;
  }

  private addTotals(picked: PickedClicks): void {
    if (picked.isEmpty) return;
    const { pack } = picked;
    const quarters = pack.column('quarter');
    const byTime = quarters ?? pack.kinds;
    const sums = new PackSums(byTime, picked);
    for (let place = 0; place < byTime.values.size; place += 1) {
      const counts = { ...NO_CLICKS };
      sums.addTo(counts, place);
      const time = quarters ? timeOf(pack, quarters.values.at(place)) : pack.day;
      this.tally.addTotal(bucketAt(this.selection.starts, time), counts);
      if (this.plan.owner === 'link') this.tally.addValue('link', pack.ownerId, counts);
    }
  }

  private addValues(group: Exclude<Group, 'tag'>, picked: PickedClicks): void {
    const column = picked.isEmpty ? undefined : picked.pack.column(group);
    if (!column) return;
    const sums = new PackSums(column, picked);
    for (let place = 0; place < column.values.size; place += 1) {
      const value = column.values.at(place);
      if (value !== null) sums.addTo(this.sumOf(group, value as string), place);
    }
  }

  private sumOf(group: Group, value: string): Counts {
    if (group !== 'link') return this.tally.sumOfValue(group, value);
    let sum = this.linkSums.get(value);
    if (!sum) this.linkSums.set(value, (sum = this.tally.sumOfValue('link', unpackUuid(value))));
    return sum;
  }
}
