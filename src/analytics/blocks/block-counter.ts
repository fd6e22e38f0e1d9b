import { DAY_MS, type Dimension, type Filter, QUARTER_MS } from '../analytics.types.js';
import { countsAt, KIND_COUNT } from '../common/click-kinds.js';
import type { ClickSums } from '../common/click-sums.js';
import { passesFilter } from '../common/filter.js';
import { groupBy } from '../common/groups.js';
import { bucketAt, DayWindow, QUARTERS } from '../common/time-ranges.js';
import { columnIn, type Part, PARTS, type Parts, rowsIn } from './block-builder.js';
import type { BlockQuery } from './blocks.types.js';
import {
  type Column,
  decodeLinkCounts,
  decodeLinkNumbers,
  PackedNumbers,
  type Rows,
} from './codec.js';
import { type DimensionColumn, PLACE_OF_DIMENSION, valuesIn } from './dimension-columns.js';

/** A block as it is read: of which day, and as much of it as is needed. */
export interface Block {
  id: string;
  ownerId: string;
  /** Its start; Unix milliseconds. */
  day: number;
  clicks: number;
  parts: Parts;
}

/** What counts of a day. */
interface DayPlan {
  window: DayWindow;
  /** Whether totals are counted. */
  hasTotals: boolean;
  /** Whether totals of the day belong to more than one bucket. */
  isSplit: boolean;
  /** Whether it depends on the time or the link of each click what counts. */
  needsClicks: boolean;
}

/** Counts blocks: by their rows where it can, and else by their clicks, some nanoseconds each. */
export class BlockCounter {
  private readonly filters: Map<DimensionColumn, Filter[]>;
  private readonly dimensions: Map<DimensionColumn, Dimension[]>;
  private readonly plans = new Map<number, DayPlan>();

  constructor(
    private readonly query: BlockQuery,
    private readonly sums: ClickSums,
  ) {
    this.filters = groupBy(query.filters, ({ dimension }) => columnOf(dimension));
    this.dimensions = groupBy(query.dimensions, columnOf);
  }

  /** Which parts of the blocks of a day are needed. */
  partsOf(day: number): Part[] {
    const { window, hasTotals, isSplit, needsClicks } = this.planOf(day);
    const { owner, filters, dimensions } = this.query;
    const needsLinks = owner === 'workspace' && (needsClicks || filters.length > 0);
    const isNeeded: Record<Part, boolean> = {
      rows: hasTotals || needsClicks || filters.length + dimensions.length > 0,
      row_quarters: isSplit || !window.isWhole,
      row_links: needsLinks,
      links: owner === 'workspace',
    };
    return PARTS[owner].filter((part) => isNeeded[part]);
  }

  add(block: Block): void {
    const { rows, row_links: linksOfClicks, links } = block.parts;
    const numbers = links && decodeLinkNumbers(links);
    // It does not depend on rows or clicks what counts of a link.
    if (numbers && !linksOfClicks) this.sums.links.add(numbers, decodeLinkCounts(links));
    if (rows) this.addRows(block, rowsIn(rows), numbers);
  }

  private addRows(block: Block, rows: Rows, numbers: Uint32Array = NO_LINKS): void {
    const plan = this.planOf(block.day);
    const counted = new CountedRows(rows, columnIn(rows, 'kind').codes);
    for (const [name, filters] of this.filters) {
      const { values, codes } = columnIn(rows, name);
      counted.keep(codes, passing(values, name, filters));
    }
    const { row_links: linksOfClicks, row_quarters: quarters } = block.parts;
    if (linksOfClicks) {
      const wanted = this.query.links && placesIn(numbers, this.query.links);
      const links = new PackedNumbers(linksOfClicks);
      const ofLinks = new Uint32Array(numbers.length * KIND_COUNT);
      counted.countLinks(links, ofLinks, wanted, quarters, plan.window);
      this.sums.links.add(numbers, ofLinks);
    } else if (quarters) {
      if (plan.window.isWhole) counted.countQuarters(quarters);
      else counted.countWithin(quarters, plan.window);
    }
    if (plan.hasTotals) this.addTotals(block, counted);
    for (const [name, dimensions] of this.dimensions) {
      this.addValues(name, dimensions, counted, columnIn(rows, name));
    }
  }

  private addTotals({ day, ownerId }: Block, { total, byQuarter }: CountedRows): void {
    const { owner, starts } = this.query;
    const linkId = owner === 'link' ? ownerId : undefined;
    if (!this.planOf(day).isSplit) {
      this.addTotal(bucketAt(starts, day), total, 0, linkId);
      return;
    }
    for (let quarter = 0; quarter < QUARTERS; quarter += 1) {
      this.addTotal(bucketAt(starts, day + quarter * QUARTER_MS), byQuarter, quarter, linkId);
    }
  }

  private addTotal(bucket: number, sums: Uint32Array, index: number, linkId?: string): void {
    const counts = countsAt(sums, index);
    if (counts.clicks > 0) this.sums.addTotal(bucket, counts, linkId);
  }

  private addValues(
    name: DimensionColumn,
    dimensions: Dimension[],
    counted: CountedRows,
    column: Column,
  ): void {
    const sums = counted.sumsOf(column);
    for (const [code, value] of column.values.entries()) {
      const counts = countsAt(sums, code);
      if (counts.clicks === 0) continue;
      const values = valuesIn(name, value);
      for (const dimension of dimensions) {
        const known = values[PLACE_OF_DIMENSION[dimension].part]!;
        if (known !== null) this.sums.addValue(dimension, known, counts);
      }
    }
  }

  private planOf(day: number): DayPlan {
    let plan = this.plans.get(day);
    if (!plan) this.plans.set(day, (plan = this.makePlan(day)));
    return plan;
  }

  private makePlan(day: number): DayPlan {
    const { times, totals, starts, links } = this.query;
    const window = new DayWindow(times, day);
    const hasTotals = !new DayWindow(totals, day).isEmpty;
    const isSplit = hasTotals && bucketAt(starts, day) !== bucketAt(starts, day + DAY_MS - 1);
    return { window, hasTotals, isSplit, needsClicks: links !== undefined || !window.isWhole };
  }
}

/** Which clicks count of the rows of a block. */
class CountedRows {
  /** How many of each row. */
  private weights: Uint32Array;
  /** By quarter of an hour and kind, once clicks were counted by quarters. */
  readonly byQuarter = new Uint32Array(QUARTERS * KIND_COUNT);

  constructor(
    private readonly rows: Rows,
    private readonly kinds: Column['codes'],
  ) {
    this.weights = rows.weights;
  }

  /** From now on only rows count with some values of a column. @param isKept 1 or 0 for each value */
  keep(codes: Column['codes'], isKept: Uint8Array): void {
    const weights = new Uint32Array(codes.length);
    for (let row = 0; row < weights.length; row += 1) {
      weights[row] = this.weights[row]! * isKept[codes[row]!]!;
    }
    this.weights = weights;
  }

  /** By quarter; the clicks of rows of one kind that follow one another are in one stretch. */
  countQuarters(quarters: Uint8Array): void {
    const { rows, kinds, weights, byQuarter } = this;
    let end = 0;
    for (let row = 0; row < rows.size;) {
      const [kind, start] = [kinds[row]!, end];
      const isCounted = weights[row] !== 0;
      do {
        end += rows.weights[row]!;
        row += 1;
      } while (row < rows.size && kinds[row] === kind && (weights[row] !== 0) === isCounted);
      if (!isCounted) continue;
      for (let click = start; click < end; click += 1) {
        byQuarter[quarters[click]! * KIND_COUNT + kind]! += 1;
      }
    }
  }

  /** Only clicks within the window count. */
  countWithin(quarters: Uint8Array, { has }: DayWindow): void {
    const { rows, kinds, byQuarter } = this;
    const weights = new Uint32Array(rows.size);
    let end = 0;
    for (let row = 0; row < rows.size; row += 1) {
      const start = end;
      end += rows.weights[row]!;
      if (this.weights[row] === 0) continue;
      const kind = kinds[row]!;
      let count = 0;
      for (let click = start; click < end; click += 1) {
        const quarter = quarters[click]!;
        count += has[quarter]!;
        byQuarter[quarter * KIND_COUNT + kind]! += has[quarter]!;
      }
      weights[row] = count;
    }
    this.weights = weights;
  }

  /**
   * Only clicks of wanted links, and within the window, count.
   * @param links of the clicks
   * @param ofLinks gets the sums of links, those of one kind after those of another
   * @param wanted 1 or 0 for each link; if undefined, all are
   * @param quarters of the clicks; if undefined, all are within the window
   */
  countLinks(
    links: PackedNumbers,
    ofLinks: Uint32Array,
    wanted: Uint8Array | undefined,
    quarters: Uint8Array | undefined,
    { has }: DayWindow,
  ): void {
    const { rows, kinds, byQuarter } = this;
    const weights = new Uint32Array(rows.size);
    let end = 0;
    for (let row = 0; row < rows.size; row += 1) {
      const start = end;
      end += rows.weights[row]!;
      if (this.weights[row] === 0) continue;
      const kind = kinds[row]!;
      const ofKind = (kind * ofLinks.length) / KIND_COUNT;
      let count = 0;
      for (let click = start; click < end; click += 1) {
        const link = links.at(click);
        if (wanted && wanted[link] === 0) continue;
        if (quarters) {
          const quarter = quarters[click]!;
          if (has[quarter] === 0) continue;
          byQuarter[quarter * KIND_COUNT + kind]! += 1;
        }
        ofLinks[ofKind + link]! += 1;
        count += 1;
      }
      weights[row] = count;
    }
    this.weights = weights;
  }

  /** The sums of all rows by kind. */
  get total(): Uint32Array {
    return this.sumsOf({ values: [null], codes: new Uint8Array(this.rows.size) });
  }

  /** The sums of each value of a column by kind. */
  sumsOf({ values, codes }: Column): Uint32Array {
    const { weights, kinds } = this;
    const sums = new Uint32Array(values.length * KIND_COUNT);
    for (let row = 0; row < weights.length; row += 1) {
      sums[codes[row]! * KIND_COUNT + kinds[row]!]! += weights[row]!;
    }
    return sums;
  }
}

const NO_LINKS = new Uint32Array();

const columnOf = (dimension: Dimension): DimensionColumn => PLACE_OF_DIMENSION[dimension].column;

/** For each value of a column 1 if it passes all filters, else 0. */
function passing(
  values: Column['values'],
  name: DimensionColumn,
  filters: readonly Filter[],
): Uint8Array {
  const isPassing = values.map((value) => {
    const known = valuesIn(name, value);
    return filters.every((filter) =>
      passesFilter(filter, known[PLACE_OF_DIMENSION[filter.dimension].part]!),
    );
  });
  return Uint8Array.from(isPassing, Number);
}

/** For each number 1 if it is among those wanted, else 0; both ascending. */
function placesIn(numbers: Uint32Array, wanted: Uint32Array): Uint8Array {
  const isWanted = new Uint8Array(numbers.length);
  for (let place = 0, other = 0; place < numbers.length; place += 1) {
    while (other < wanted.length && wanted[other]! < numbers[place]!) other += 1;
    isWanted[place] = Number(wanted[other] === numbers[place]);
  }
  return isWanted;
}
