import type { Dimension } from '../analytics.types.js';
import { type DimensionColumn, PLACE_OF_DIMENSION, valuesIn } from '../pack-layout.js';
import type { PackValue } from '../pack-format.js';
import { NO_CLICKS } from './breakdown.js';
import { passesFilter } from './filter.js';
import { LinkCounter } from './link-counter.js';
import { LinkSet } from './link-set.js';
import { PackSums } from './pack-sums.js';
import { PickedClicks, timeOf } from './picked-clicks.js';
import type { ReportPlan } from './report-plan.js';
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
  private readonly wantedLinks: LinkSet | undefined;
  private readonly links: LinkCounter;
  /** The dimensions to be broken down by, by their columns. */
  private readonly wanted = new Map<DimensionColumn, Dimension[]>();
  /** What the tally has of each value of a column: the sums of its dimensions, as far as wanted. */
  private readonly valueSums = new Map<DimensionColumn, Map<PackValue, Counts[]>>();

  constructor(
    private readonly plan: ReportPlan,
    private readonly selection: PackSelection,
    private readonly tally: ReportTally,
  ) {
    this.wantedLinks = selection.links && new LinkSet(selection.links);
    this.links = new LinkCounter(plan, selection, this.wantedLinks, tally);
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
    this.links.add(pack, picked, windows, !ofTotals);
  }

  private pickClicks(pack: StoredPack): PickedClicks {
    let picked = this.wantedLinks
      ? PickedClicks.ofLinks(pack, pack.linkList!, this.wantedLinks)
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
