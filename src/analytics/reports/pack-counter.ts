import { DAY_MS, type Dimension, QUARTER_MS } from '../analytics.types.js';
import { KIND_BITS } from '../click-moment.js';
import { type DimensionColumn, PLACE_OF_DIMENSION, valuesIn } from '../pack-layout.js';
import type { PackValue } from '../pack-format.js';
import type { PackClicks } from './clicks-by-row.js';
import { DayWindow } from './day-window.js';
import { ColumnFilter } from './column-filter.js';
import { countsAt } from './kind-sums.js';
import { LinkCounter } from './link-counter.js';
import { LinkSet } from './link-set.js';
import type { PackRows } from './pack-rows.js';
import { PickedRows } from './picked-rows.js';
import type { ReportPlan } from './report-plan.js';
import { add, MOST_SUMS_OF_VALUES, type ReportTally } from './report-tally.js';
import type { Counts, Filter, TimeRange } from './reports.types.js';
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

/** Counts packs: by their rows where it can, and else by their clicks, some nanoseconds each. */
export class PackCounter {
  private readonly wantedLinks: LinkSet | undefined;
  private readonly links: LinkCounter;
  private readonly filters: ColumnFilter[];
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
    this.links = new LinkCounter(selection, this.wantedLinks, tally);
    this.filters = selection.filters.map((filter) => new ColumnFilter(filter));
    for (const dimension of plan.dimensions) {
      const { column } = PLACE_OF_DIMENSION[dimension];
      this.wanted.set(column, [...(this.wanted.get(column) ?? []), dimension]);
    }
  }

  add(pack: StoredPack): void {
    const { rolledUp, others } = this.plan;
    const windows = pack.isRolledUp ? rolledUp : others;
    const picked = pack.rows && this.pick(pack.rows);
    if (picked) {
      const clicks = this.wantedLinks ? pack.clicksOf(this.wantedLinks) : pack.clicksByRow;
      this.addTotals(pack, picked, clicks, windows.totals);
      this.addValues(pack, picked, clicks, windows.values);
    }
    this.links.add(pack, picked, windows);
  }

  /** The rows that pass all filters. */
  private pick(rows: PackRows): PickedRows {
    let picked = PickedRows.allOf(rows);
    for (const filter of this.filters) {
      picked = picked.where(rows.column(filter.column), (value) => filter.passes(value));
    }
    return picked;
  }

  private addTotals(
    { day, ownerId }: StoredPack,
    picked: PickedRows,
    clicks: PackClicks,
    stretches: TimeRange[],
  ): void {
    const { starts } = this.selection;
    const window = new DayWindow(stretches, day);
    if (window.isEmpty || picked.isEmpty) return;
    const addAt = (time: number, counts: Counts): void => {
      if (counts.clicks === 0) return;
      this.tally.addTotal(bucketAt(starts, time), counts);
      if (this.plan.owner === 'link') this.tally.addLink(ownerId, counts);
    };
    const isOfOneBucket = bucketAt(starts, day) === bucketAt(starts, day + DAY_MS - 1);
    if (window.isWhole && isOfOneBucket) {
      addAt(day, picked.sum(clicks.weights(window)));
      return;
    }
    const sums = clicks.byQuarter(picked);
    for (const [quarter, has] of window.has.entries()) {
      if (has === 1) addAt(day + quarter * QUARTER_MS, countsAt(sums, quarter << KIND_BITS));
    }
  }

  private addValues(
    { day }: StoredPack,
    picked: PickedRows,
    clicks: PackClicks,
    stretches: TimeRange[],
  ): void {
    const window = new DayWindow(stretches, day);
    if (window.isEmpty || picked.isEmpty) return;
    const weights = clicks.weights(window);
    const some = this.wantedLinks ? picked.withClicks(weights) : picked;
    for (const [name, dimensions] of this.wanted) {
      const column = some.rows.column(name);
      const sums = some.sumsOf(column, weights);
      for (const [code, value] of column.values.entries()) {
        const counts = countsAt(sums, code << KIND_BITS);
        if (counts.clicks === 0) continue;
        for (const sum of this.sumsOfValue(name, dimensions, value)) add(sum, counts);
      }
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
      if (known.size < MOST_SUMS_OF_VALUES) known.set(packed, sums);
    }
    return sums;
  }
}
