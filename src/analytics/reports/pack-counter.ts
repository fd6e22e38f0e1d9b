import type { PackColumn } from '../analytics.types.js';
import { KINDS, ofMoment } from '../click-moment.js';
import { PackedColumn } from '../pack-column.js';
import { passesFilter } from './filter.js';
import type { ReportPlan } from './report-plan.js';
import type { ReportTally } from './report-tally.js';
import type { Counts, Filter, Group, TimeRange } from './reports.types.js';
import { bucketAt } from './time-range.js';

export interface PackRow {
  ownerId: string;
  /** Its start; Unix milliseconds. */
  day: number;
  isRolledUp: boolean;
  clicks: number;
  /** Values are null of days that they are not wanted of. */
  columns: Partial<Record<PackColumn, Buffer | null>>;
}

/** Which links and values count. */
export interface PackSelection {
  /** The beginnings of the buckets, ascending. */
  starts: number[];
  filters: Filter[];
  /** All, if undefined. */
  links: ReadonlySet<string> | undefined;
}

/** One more than there are kinds: of a click that does not count. */
const NO_KIND = KINDS.length;
const SLOTS = KINDS.length + 1;

/** Counts the clicks of packs, some nanoseconds each. */
export class PackCounter {
  constructor(
    private readonly plan: ReportPlan,
    private readonly selection: PackSelection,
    private readonly tally: ReportTally,
  ) {}

  add(pack: PackRow): void {
    const { dimensions, rolledUp, others } = this.plan;
    const { totals, values, links } = pack.isRolledUp ? rolledUp : others;
    const moments = columnOf(pack, 'moment');
    const counts = this.countingClicks(pack);
    if (totals.length > 0) this.addTotals(pack, moments, counts, totals);
    if (values.length > 0) {
      const kinds = kindsOf(moments, pack.day, values);
      for (const name of dimensions.filter((dimension) => pack.columns[dimension])) {
        this.addValues(name, columnOf(pack, name), kinds, counts);
      }
    }
    if (links.length > 0) {
      const kinds = kindsOf(moments, pack.day, links);
      this.addValues('link', columnOf(pack, 'link'), kinds, counts);
    }
  }

  /** 1 for each click that counts, 0 for each that does not; undefined if all do. */
  private countingClicks(pack: PackRow): Uint8Array | undefined {
    const { filters, links } = this.selection;
    let counts: Uint8Array | undefined;
    const keep = (name: PackColumn, isWanted: (value: string | null) => boolean): void => {
      const { values, codes } = columnOf(pack, name);
      const wanted = Uint8Array.from(values, (value) => Number(isWanted(value as string | null)));
      const kept = (counts ??= new Uint8Array(pack.clicks).fill(1));
      for (let index = 0; index < kept.length; index += 1) kept[index]! &= wanted[codes[index]!]!;
    };
    if (links) keep('link', (link) => links.has(link!));
    for (const filter of filters) keep(filter.dimension, (value) => passesFilter(filter, value));
    return counts;
  }

  private addTotals(
    { ownerId, day }: PackRow,
    moments: PackedColumn,
    counts: Uint8Array | undefined,
    stretches: TimeRange[],
  ): void {
    const clicks = new Uint32Array(moments.values.length);
    for (let index = 0; index < moments.codes.length; index += 1) {
      clicks[moments.codes[index]!]! += counts ? counts[index]! : 1;
    }
    for (const [place, moment] of moments.values.entries()) {
      const { clickedAt } = ofMoment(moment as number, day);
      if (clicks[place] === 0 || !isWithin(clickedAt, stretches)) continue;
      const sums = new Uint32Array(SLOTS);
      sums[kindOf(moment as number)] = clicks[place]!;
      this.tally.addTotal(bucketAt(this.selection.starts, clickedAt), countsAt(sums, 0));
      if (this.plan.owner === 'link') this.tally.addValue('link', ownerId, countsAt(sums, 0));
    }
  }

  private addValues(
    group: Group,
    { values, codes }: PackedColumn,
    kinds: Uint8Array,
    counts: Uint8Array | undefined,
  ): void {
    const sums = new Uint32Array(values.length * SLOTS);
    for (let index = 0; index < kinds.length; index += 1) {
      sums[codes[index]! * SLOTS + kinds[index]!]! += counts ? counts[index]! : 1;
    }
    for (const [place, value] of values.entries()) {
      if (value === null) continue;
      const counted = countsAt(sums, place * SLOTS);
      if (counted.clicks > 0) this.tally.addValue(group, value as string, counted);
    }
  }
}

const columnOf = ({ columns, clicks }: PackRow, name: PackColumn): PackedColumn =>
  PackedColumn.decode(columns[name]!, clicks);

const kindOf = (moment: number): number => moment % KINDS.length;

const isWithin = (time: number, stretches: TimeRange[]): boolean =>
  stretches.some(({ from, to }) => time >= from && time < to);

/** For each click its kind, if it is within the stretches. */
function kindsOf({ values, codes }: PackedColumn, day: number, stretches: TimeRange[]): Uint8Array {
  const kinds = Uint8Array.from(values as number[], (moment) =>
    isWithin(ofMoment(moment, day).clickedAt, stretches) ? kindOf(moment) : NO_KIND,
  );
  const ofClicks = new Uint8Array(codes.length);
  for (let index = 0; index < codes.length; index += 1) ofClicks[index] = kinds[codes[index]!]!;
  return ofClicks;
}

/** @param at where the sums of the kinds begin */
function countsAt(sums: Uint32Array, at: number): Counts {
  const [humans, visitors, bots] = [sums[at]!, sums[at + 1]!, sums[at + 2]!];
  return { clicks: humans + visitors + bots, humans: humans + visitors, bots, visitors };
}
