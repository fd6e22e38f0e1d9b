import type { PackColumn } from '../analytics.types.js';
import { Turns } from '../../common/turns.js';
import { PackedColumn } from '../pack-column.js';
import { passesFilter } from './filter.js';
import { countByKind, countRun, type Run, runsWithin } from './pack-runs.js';
import type { ReportPlan } from './report-plan.js';
import type { ReportTally } from './report-tally.js';
import type { Filter, Group } from './reports.types.js';
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

/** A millisecond's worth of clicks, and what a value takes in comparison. */
const CLICKS_A_TURN = 100_000;
const CLICKS_A_VALUE = 100;
const VALUES_AT_ONCE = 500;

/** Counts the clicks of packs, some nanoseconds each, and lets redirects have their turn. */
export class PackCounter {
  private readonly turns = new Turns(CLICKS_A_TURN);

  constructor(
    private readonly plan: ReportPlan,
    private readonly selection: PackSelection,
    private readonly tally: ReportTally,
  ) {}

  async add(pack: PackRow): Promise<void> {
    const { dimensions, rolledUp, others } = this.plan;
    const { totals, values, links } = pack.isRolledUp ? rolledUp : others;
    const moments = columnOf(pack, 'moment');
    const picked = this.pickClicks(pack);
    this.addTotals(pack, runsWithin(moments, pack.day, totals, picked));
    const runs = runsWithin(moments, pack.day, values, picked);
    for (const name of dimensions.filter((dimension) => pack.columns[dimension])) {
      await this.addValues(name, columnOf(pack, name), runs, picked);
    }
    const ofLinks = runsWithin(moments, pack.day, links, picked);
    if (ofLinks.length > 0) await this.addValues('link', columnOf(pack, 'link'), ofLinks, picked);
  }

  /** The clicks that count, in order; undefined if all do. */
  private pickClicks(pack: PackRow): Uint32Array | undefined {
    const { filters, links } = this.selection;
    let picked: Uint32Array | undefined;
    const pick = (name: PackColumn, isWanted: (value: string | null) => boolean): void => {
      const column = columnOf(pack, name);
      const wanted = column.values.map((value) => isWanted(value as string | null));
      const before = picked?.length ?? pack.clicks;
      const kept = new Uint32Array(before);
      let count = 0;
      for (let place = 0; place < before; place += 1) {
        const click = picked ? picked[place]! : place;
        kept[count] = click;
        if (wanted[column.codeAt(click)]) count += 1;
      }
      picked = kept.subarray(0, count);
    };
    if (links) pick('link', (link) => links.has(link!));
    for (const filter of filters) pick(filter.dimension, (value) => passesFilter(filter, value));
    return picked;
  }

  private addTotals({ ownerId }: PackRow, runs: Run[]): void {
    for (const { kind, time, from, to } of runs) {
      const counts = countRun(kind, to - from);
      this.tally.addTotal(bucketAt(this.selection.starts, time), counts);
      if (this.plan.owner === 'link') this.tally.addValue('link', ownerId, counts);
    }
  }

  private async addValues(
    group: Group,
    column: PackedColumn,
    runs: Run[],
    picked: Uint32Array | undefined,
  ): Promise<void> {
    const kinds = countByKind(column, runs, picked);
    await this.turns.after(column.clicks);
    for (const [place, value] of column.values.entries()) {
      if (place % VALUES_AT_ONCE === 0) await this.turns.after(VALUES_AT_ONCE * CLICKS_A_VALUE);
      const [humans, visitors, bots] = kinds.map((sums) => sums[place]!) as [
        number,
        number,
        number,
      ];
      if (value === null || humans + visitors + bots === 0) continue;
      const sum = this.tally.sumOfValue(group, value as string);
      sum.clicks += humans + visitors + bots;
      sum.humans += humans + visitors;
      sum.bots += bots;
      sum.visitors += visitors;
    }
  }
}

const columnOf = ({ columns, clicks }: PackRow, name: PackColumn): PackedColumn =>
  PackedColumn.decode(columns[name]!, clicks);
