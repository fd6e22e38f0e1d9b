import type { Dimension } from '../analytics.types.js';
import { type DimensionColumn, PLACE_OF_DIMENSION, valuesIn } from '../pack-layout.js';
import type { PackValue } from '../pack-format.js';
import type { PackedLinks } from '../packed-links.js';
import { NO_CLICKS } from './breakdown.js';
import { passesFilter } from './filter.js';
import { LinkSet } from './link-set.js';
import { PackSums } from './pack-sums.js';
import { PickedClicks, isWithin, timeOf } from './picked-clicks.js';
import { addUp, linksOf } from './picked-links.js';
import { cutsOf, type ReportPlan, type Windows } from './report-plan.js';
import type { ReportTally } from './report-tally.js';
import type { Counts, Filter } from './reports.types.js';
import type { StoredPack } from './stored-pack.js';
import { bucketAt } from './time-range.js';

/** Which links and values count. */
export interface PackSelection {
  /** The beginnings of the buckets, ascending. */
  starts: number[];
  filters: Filter[];
  /** The numbers of those that count, ascending; all, if undefined. */
  links: Uint32Array | undefined;
}

/** Counts the clicks of packs, some nanoseconds each. */
export class PackCounter {
  private readonly links: LinkSet | undefined;
  private readonly edges: Record<'rolledUp' | 'others', ReadonlySet<number>>;
  /** The dimensions to be broken down by, by their columns. */
  private readonly wanted = new Map<DimensionColumn, Dimension[]>();
  /** What the tally has of each value of a column: the sums of its dimensions, as far as wanted. */
  private readonly valueSums = new Map<DimensionColumn, Map<PackValue, Counts[]>>();

  constructor(
    private readonly plan: ReportPlan,
    private readonly selection: PackSelection,
    private readonly tally: ReportTally,
  ) {
    const { starts, links } = selection;
    this.links = links && new LinkSet(links);
    this.edges = {
      rolledUp: cutsOf(plan.rolledUp, starts).edges,
      others: cutsOf(plan.others, starts).edges,
    };
    for (const dimension of plan.dimensions) {
      const { column } = PLACE_OF_DIMENSION[dimension];
      this.wanted.set(column, [...(this.wanted.get(column) ?? []), dimension]);
    }
  }

  add(pack: StoredPack): void {
    const { rolledUp, others } = this.plan;
    const windows = pack.isRolledUp ? rolledUp : others;
    pack.scratch.reset();
    const folded = pack.folded();
    const picked = pack.column('kind') && this.pickClicks(pack);
    const foldedPicked = folded && this.pickClicks(folded);
    const ofTotals = pack.column('quarter') ? picked : (foldedPicked ?? picked);
    if (ofTotals) this.addTotals(ofTotals.within(windows.totals));
    const ofValues = (foldedPicked ?? picked)?.within(windows.values);
    for (const [column, dimensions] of this.wanted) this.addValues(column, dimensions, ofValues);
    if (!pack.links) return;
    if (this.isWhole(pack)) this.addWhole(pack, pack.links, windows, !ofTotals);
    else this.tally.links.add(linksOf(picked!.within(windows.links), pack.linkList!));
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
    const counted = this.links && all.toList(pack.scratch.newWords, this.links);
    if (isWithin(windows.links, pack.day)) {
      if (counted) this.tally.links.add(counted);
      else this.tally.links.addPacked(all);
    }
    if (withTotals && filters.length === 0 && isWithin(windows.totals, pack.day))
      this.tally.addTotal(bucketAt(starts, pack.day), addUp(counted ?? pack.linkList!));
  }

  private pickClicks(pack: StoredPack): PickedClicks {
    const { links } = this;
    let picked = links
      ? PickedClicks.ofLinks(pack, pack.linkList!, links)
      : PickedClicks.allOf(pack);
    for (const filter of this.selection.filters) {
      const { column, part } = PLACE_OF_DIMENSION[filter.dimension];
      picked = picked.where(pack.column(column)!, (value) =>
        passesFilter(filter, valuesIn(column, value as string | null)[part]!),
      );
    }
    return picked;
  }

  private addTotals(picked: PickedClicks): void {
    if (picked.isEmpty) return;
    const { pack } = picked;
    const quarters = pack.column('quarter');
    const column = quarters ?? pack.column('kind')!;
    const sums = new PackSums(column, picked);
    for (const [place, value] of column.values.entries()) {
      const counts = { ...NO_CLICKS };
      sums.addTo([counts], place);
      const time = quarters ? timeOf(pack, value) : pack.day;
      this.tally.addTotal(bucketAt(this.selection.starts, time), counts);
      if (this.plan.owner === 'link') this.tally.addLink(pack.ownerId, counts);
    }
  }

  private addValues(column: DimensionColumn, dimensions: Dimension[], picked?: PickedClicks): void {
    const packed = !picked || picked.isEmpty ? undefined : picked.pack.column(column);
    if (!picked || !packed) return;
    const sums = new PackSums(packed, picked);
    for (const [place, value] of packed.values.entries()) {
      sums.addTo(this.sumsOfValue(column, dimensions, value), place);
    }
  }

  private sumsOfValue(
    column: DimensionColumn,
    dimensions: Dimension[],
    packed: PackValue,
  ): Counts[] {
    let known = this.valueSums.get(column);
    if (!known) this.valueSums.set(column, (known = new Map()));
    let sums = known.get(packed);
    if (!sums) {
      const values = valuesIn(column, packed as string | null);
      sums = dimensions.flatMap((dimension) => {
        const value = values[PLACE_OF_DIMENSION[dimension].part]!;
        return value === null ? [] : [this.tally.sumOfValue(dimension, value)];
      });
      known.set(packed, sums);
    }
    return sums;
  }
}
