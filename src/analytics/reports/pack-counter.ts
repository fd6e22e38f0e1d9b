import type { Dimension } from '../analytics.types.js';
import { type DimensionColumn, PLACE_OF_DIMENSION, valuesIn } from '../pack-layout.js';
import { type PackValue, packedUuids } from '../pack-values.js';
import { NO_CLICKS } from './breakdown.js';
import { passesFilter } from './filter.js';
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
  /** The ids of those that count, as bytes; all, if undefined. */
  links: Buffer | undefined;
}

/** Counts the clicks of packs, some nanoseconds each. */
export class PackCounter {
  private readonly links: ReadonlySet<string> | undefined;
  /** The dimensions to be broken down by, by their columns. */
  private readonly wanted = new Map<DimensionColumn, Dimension[]>();
  /** What the tally has of each value of a column: the sums of its dimensions, as far as wanted. */
  private readonly valueSums = new Map<DimensionColumn, Map<PackValue, Counts[]>>();

  constructor(
    private readonly plan: ReportPlan,
    private readonly selection: PackSelection,
    private readonly tally: ReportTally,
  ) {
    const { links } = selection;
    this.links = links && new Set(packedUuids(links));
    for (const dimension of plan.dimensions) {
      const { column } = PLACE_OF_DIMENSION[dimension];
      this.wanted.set(column, [...(this.wanted.get(column) ?? []), dimension]);
    }
  }

  add(pack: StoredPack): void {
    const { rolledUp, others } = this.plan;
    const { totals, values, links } = pack.isRolledUp ? rolledUp : others;
    pack.scratch.reset();
    const picked = this.pickClicks(pack);
    this.addTotals(picked.within(totals));
    const valued = picked.within(values);
    for (const [column, dimensions] of this.wanted) this.addValues(column, dimensions, valued);
    this.addLinks(picked.within(links));
  }

  private pickClicks(pack: StoredPack): PickedClicks {
    const { links } = this;
    let picked = PickedClicks.allOf(pack);
    if (links) picked = picked.where(pack.column('link')!, (link) => links.has(link as string));
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
    const column = quarters ?? pack.kinds;
    const sums = new PackSums(column, picked);
    for (let place = 0; place < column.values.size; place += 1) {
      const counts = { ...NO_CLICKS };
      sums.addTo([counts], place);
      const time = quarters ? timeOf(pack, quarters.values.at(place)) : pack.day;
      this.tally.addTotal(bucketAt(this.selection.starts, time), counts);
      if (this.plan.owner === 'link') this.tally.links.add(pack.ownerId, counts);
    }
  }

  private addValues(column: DimensionColumn, dimensions: Dimension[], picked: PickedClicks): void {
    const packed = picked.isEmpty ? undefined : picked.pack.column(column);
    if (!packed) return;
    const sums = new PackSums(packed, picked);
    for (let place = 0; place < packed.values.size; place += 1) {
      const value = packed.values.at(place);
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

  private addLinks(picked: PickedClicks): void {
    const links = picked.isEmpty ? undefined : picked.pack.column('link');
    if (!links) return;
    const { size } = links.values;
    const words = links.values.words(picked.pack.scratch.newWords);
    const sums = new PackSums(links, picked);
    for (let place = 0; place < size; place += 1) {
      const clicks = sums.clicksAt(place);
      if (clicks === 0) continue;
      this.tally.links.addAt(words, place, clicks, sums.botsAt(place), sums.visitorsAt(place));
    }
  }
}
