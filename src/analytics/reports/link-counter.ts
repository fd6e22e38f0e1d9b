import type { PackedLinks } from '../packed-links.js';
import type { LinkSet } from './link-set.js';
import { isWithin, type PickedClicks } from './picked-clicks.js';
import { addUp, linksOf } from './picked-links.js';
import { cutsOf, type ReportPlan, type Windows } from './report-plan.js';
import type { ReportTally } from './report-tally.js';
import type { ReportSelection } from './reports.types.js';
import type { StoredPack } from './stored-pack.js';
import { bucketAt } from './time-range.js';

/** Counts the links of packs. */
export class LinkCounter {
  private readonly edges: Record<'rolledUp' | 'others', ReadonlySet<number>>;

  /** @param wanted which links count; all, if undefined */
  constructor(
    private readonly plan: ReportPlan,
    private readonly selection: Pick<ReportSelection, 'starts' | 'filters'>,
    private readonly wanted: LinkSet | undefined,
    private readonly tally: ReportTally,
  ) {
    const { starts } = selection;
    this.edges = {
      rolledUp: cutsOf(plan.rolledUp, starts).edges,
      others: cutsOf(plan.others, starts).edges,
    };
  }

  /**
   * @param picked clicks of the pack that pass all filters; undefined if kinds were not read
   * @param withTotals whether nothing else tells how many clicks there were
   */
  add(
    pack: StoredPack,
    picked: PickedClicks | undefined,
    windows: Windows,
    withTotals: boolean,
  ): void {
    if (!pack.links) return;
    if (this.isWhole(pack)) this.addWhole(pack, pack.links, windows, withTotals);
    else this.addPicked(pack, pack.links, picked!, windows);
  }

  /** Of a day of which nearly all counts, what does not is counted instead. */
  private addPicked(
    pack: StoredPack,
    all: PackedLinks,
    picked: PickedClicks,
    { links }: Windows,
  ): void {
    const isAll = picked.clicks.length === pack.size && pack.column('quarter');
    const outside = isAll ? picked.outside(links) : undefined;
    if (outside && outside.clicks.length * 2 < pack.size) {
      all.addTo(this.tally.links);
      this.tally.links.subtract(linksOf(outside, pack.linkList!));
    } else this.tally.links.add(linksOf(picked.within(links), pack.linkList!));
  }

  /** Whether all clicks count for its links, or those that pass the filter are known otherwise. */
  private isWhole(pack: StoredPack): boolean {
    const edges = pack.isRolledUp ? this.edges.rolledUp : this.edges.others;
    if (edges.has(pack.day)) return false;
    return this.selection.filters.length === 0 || (!!this.plan.linkFilter && pack.isFolded);
  }

  private addWhole(
    pack: StoredPack,
    all: PackedLinks,
    windows: Windows,
    withTotals: boolean,
  ): void {
    const { starts, filters } = this.selection;
    const counted = this.wanted && all.toList(pack.scratch.newWords, this.wanted);
    if (isWithin(windows.links, pack.day)) {
      if (counted) this.tally.links.add(counted);
      else all.addTo(this.tally.links);
    }
    if (withTotals && filters.length === 0 && isWithin(windows.totals, pack.day))
      this.tally.addTotal(bucketAt(starts, pack.day), addUp(counted ?? pack.linkList!));
  }
}
