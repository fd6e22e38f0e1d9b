import { MOST_VALUES, type Owner } from '../analytics.types.js';
import { type Kind, KIND_COUNT, kindOf, KINDS } from '../common/click-kinds.js';
import { quarterOf } from '../common/time-ranges.js';
import type { BlockClick } from './blocks.types.js';
import {
  type Column,
  type ColumnValue,
  decodeColumn,
  decodeLinkNumbers,
  decodeRows,
  encodeColumn,
  encodeLinks,
  encodeRows,
  PackedNumbers,
  type Rows,
} from './codec.js';
import { columnValue, FIRST_COLUMNS, OPTIONAL_COLUMNS } from './dimension-columns.js';
import { foldRareValues } from './fold-rare-values.js';

/** The columns in which clicks are alike that are one row of a block. Codes of kinds are their places in KINDS. */
const ROW_COLUMNS = ['kind', ...FIRST_COLUMNS] as const;
type RowColumn = (typeof ROW_COLUMNS)[number] | (typeof OPTIONAL_COLUMNS)[number];

export const rowsIn = (bytes: Buffer): Rows => decodeRows(bytes, ROW_COLUMNS.length);

/** The column of rows; of an optional one that they have not got, all values are unknown. */
export function columnIn({ size, columns, optional }: Rows, name: RowColumn): Column {
  const bytes = [...columns, ...optional][ALL_COLUMNS.indexOf(name)];
  if (bytes) return decodeColumn(bytes, size);
  return { values: [unknownIn(name)], codes: new Uint8Array(size) };
}

const ALL_COLUMNS: readonly RowColumn[] = [...ROW_COLUMNS, ...OPTIONAL_COLUMNS];

const unknownIn = (name: RowColumn): ColumnValue =>
  name === 'kind' ? null : columnValue(name, {});

/**
 * What is stored of a block: its rows; in the order of rows, the quarter of an hour and the link of each
 * click; and the links with their counts. Blocks of a link need no links.
 */
export const PARTS = {
  link: ['rows', 'row_quarters'],
  workspace: ['rows', 'row_quarters', 'row_links', 'links'],
} as const satisfies Record<Owner, readonly string[]>;
export type Part = (typeof PARTS)['workspace'][number];
export type Parts = Partial<Record<Part, Buffer>>;

/** Collects clicks for a block, one by one or from other blocks. */
export class BlockBuilder {
  private readonly columns: { name: RowColumn; builder: ColumnBuilder }[];
  private readonly quarters: Uint8Array;
  private readonly links: ColumnBuilder;
  private size = 0;

  /** @param capacity how many clicks there will be */
  constructor(
    private readonly owner: Owner,
    capacity: number,
  ) {
    this.columns = ALL_COLUMNS.map((name) => ({
      name,
      builder: new ColumnBuilder(capacity, name === 'kind' ? KINDS : []),
    }));
    this.quarters = new Uint8Array(capacity);
    this.links = new ColumnBuilder(owner === 'workspace' ? capacity : 0);
  }

  add(click: BlockClick): void {
    for (const { name, builder } of this.columns)
      builder.add(name === 'kind' ? kindOf(click) : columnValue(name, click.dimensions));
    if (this.owner === 'workspace') this.links.add(click.linkNumber!);
    this.quarters[this.size] = quarterOf(click.clickedAt);
    this.size += 1;
  }

  /** @param clicks how many the block has */
  append(parts: Parts, clicks: number): void {
    const rows = rowsIn(parts.rows!);
    const { size, weights } = rows;
    for (const { name, builder } of this.columns) {
      const { values, codes } = columnIn(rows, name);
      const places = values.map((value) => builder.placeOf(value));
      for (let row = 0; row < size; row += 1) builder.addPlace(places[codes[row]!]!, weights[row]!);
    }
    if (this.owner === 'workspace') {
      const places = Array.from(decodeLinkNumbers(parts.links!), (number) =>
        this.links.placeOf(number),
      );
      const links = new PackedNumbers(parts.row_links!);
      for (let click = 0; click < clicks; click += 1)
        this.links.addPlace(places[links.at(click)]!, 1);
    }
    this.quarters.set(parts.row_quarters!, this.size);
    this.size += clicks;
  }

  /**
   * As `append`, of a block of a workspace, but for the clicks of a link; no value is left that only they had.
   * @returns how many of each kind those were
   */
  appendWithout(link: number, parts: Parts): Uint32Array {
    const numbers = decodeLinkNumbers(parts.links!);
    const removed = new Uint32Array(KIND_COUNT);
    const left = numbers.indexOf(link);
    if (left === -1) return removed;
    const rows = rowsIn(parts.rows!);
    const { size, weights } = rows;
    const links = new PackedNumbers(parts.row_links!);
    const kept = new Uint32Array(size);
    for (let row = 0, click = 0; row < size; row += 1) {
      for (const end = click + weights[row]!; click < end; click += 1) {
        const place = links.at(click);
        if (place === left) continue;
        this.links.addPlace(this.links.placeOf(numbers[place]!), 1);
        this.quarters[this.size] = parts.row_quarters![click]!;
        this.size += 1;
        kept[row]! += 1;
      }
    }
    for (const { name, builder } of this.columns) {
      const { values, codes } = columnIn(rows, name);
      for (let row = 0; row < size; row += 1) {
        const value = values[codes[row]!]!;
        if (kept[row]! > 0) builder.addPlace(builder.placeOf(value), kept[row]!);
        if (name === 'kind') removed[KINDS.indexOf(value as Kind)]! += weights[row]! - kept[row]!;
      }
    }
    return removed;
  }

  build(): Parts {
    this.boundValues();
    // A radix sort, the last column first, brings clicks together that are alike; and by link within a
    // row, so that the memory that is counted in is near.
    let order: Uint32Array = Uint32Array.from({ length: this.size }, (_, click) => click);
    if (this.owner === 'workspace') order = this.links.sorted(order, this.links.ranks());
    for (const { builder } of this.columns.toReversed()) order = builder.sorted(order);
    const parts: Parts = {
      rows: this.rows(order),
      row_quarters: Buffer.from(Uint8Array.from(order, (click) => this.quarters[click]!)),
    };
    return this.owner === 'link' ? parts : { ...parts, ...this.linkParts(order) };
  }

  private boundValues(): void {
    const most = MOST_VALUES[this.owner];
    for (const { name, builder } of this.columns) {
      if (name === 'kind' || builder.values.length <= most) continue;
      builder.replace(foldRareValues(name, builder.values, builder.counts(), most));
    }
  }

  private rows(order: Uint32Array): Buffer {
    const isAlike = (click: number, other: number): boolean =>
      this.columns.every(({ builder: { codes } }) => codes[click] === codes[other]);
    const firsts: number[] = [];
    const weights: number[] = [];
    for (const [index, click] of order.entries()) {
      if (index > 0 && isAlike(click, order[index - 1]!)) weights[weights.length - 1]! += 1;
      else {
        firsts.push(click);
        weights.push(1);
      }
    }
    const used = this.columns.findLastIndex(({ name, builder: { values } }) =>
      values.some((value) => value !== unknownIn(name)),
    );
    const columns = this.columns
      .slice(0, Math.max(used + 1, ROW_COLUMNS.length))
      .map(({ builder: { values, codes } }) =>
        encodeColumn({ values, codes: Uint32Array.from(firsts, (click) => codes[click]!) }),
      );
    return encodeRows({
      weights: Uint32Array.from(weights),
      columns: columns.slice(0, ROW_COLUMNS.length),
      optional: columns.slice(ROW_COLUMNS.length),
    });
  }

  private linkParts(order: Uint32Array): Parts {
    const { values, codes } = this.links;
    const ranks = this.links.ranks();
    const numbers = Uint32Array.from(values, Number).toSorted();
    const counts = new Uint32Array(numbers.length * KIND_COUNT);
    const kinds = this.columns[0]!.builder.codes;
    for (let click = 0; click < this.size; click += 1) {
      counts[kinds[click]! * numbers.length + ranks[codes[click]!]!]! += 1;
    }
    return {
      row_links: PackedNumbers.encode(order.map((click) => ranks[codes[click]!]!)),
      links: encodeLinks({ numbers, counts }),
    };
  }
}

/** Collects the values of clicks, one after the other, for a dictionary-encoded column. */
class ColumnBuilder {
  /** Each once, in the order in which they first came. */
  readonly values: ColumnValue[] = [];
  /** For each click the place of its value. */
  readonly codes: Uint32Array;
  private readonly places = new Map<ColumnValue, number>();
  private clicks = 0;

  /**
   * @param capacity how many clicks there will be
   * @param values that come first, whether a click has them or not
   */
  constructor(capacity: number, values: readonly ColumnValue[] = []) {
    this.codes = new Uint32Array(capacity);
    for (const value of values) this.placeOf(value);
  }

  add(value: ColumnValue): void {
    this.addPlace(this.placeOf(value), 1);
  }

  addPlace(place: number, times: number): void {
    this.codes.fill(place, this.clicks, this.clicks + times);
    this.clicks += times;
  }

  /** Its place among the values, which it gets if it has none. */
  placeOf(value: ColumnValue): number {
    let place = this.places.get(value);
    if (place === undefined) this.places.set(value, (place = this.values.push(value) - 1));
    return place;
  }

  /** For each place of a value, how many clicks have it. */
  counts(): Uint32Array {
    const counts = new Uint32Array(this.values.length);
    for (let click = 0; click < this.clicks; click += 1) counts[this.codes[click]!]! += 1;
    return counts;
  }

  /**
   * Gives all clicks other values; those that get the same are alike from then on.
   * @param replacements for each place of a value the new one
   */
  replace(replacements: readonly ColumnValue[]): void {
    this.places.clear();
    this.values.length = 0;
    const moved = replacements.map((value) => this.placeOf(value));
    for (let click = 0; click < this.clicks; click += 1) {
      this.codes[click] = moved[this.codes[click]!]!;
    }
  }

  /** For each place of a value, which in their order it is; the values have to be numbers. */
  ranks(): Uint32Array {
    const numbers = Float64Array.from(this.values, Number);
    const places = Uint32Array.from(numbers, (_, place) => place);
    places.sort((a, b) => numbers[a]! - numbers[b]!);
    const ranks = new Uint32Array(places.length);
    for (const [rank, place] of places.entries()) ranks[place] = rank;
    return ranks;
  }

  /**
   * Brings clicks together that have the same value, and otherwise leaves them in their order: a
   * counting sort.
   * @param ranks in which order the places of values come
   */
  sorted(
    order: Uint32Array,
    ranks: Uint32Array = Uint32Array.from(this.values, (_, place) => place),
  ): Uint32Array {
    const { codes } = this;
    if (this.values.length === 1) return order;
    const next = new Uint32Array(ranks.length + 1);
    for (const click of order) next[ranks[codes[click]!]! + 1]! += 1;
    for (let rank = 1; rank < next.length; rank += 1) next[rank]! += next[rank - 1]!;
    const sorted = new Uint32Array(order.length);
    for (const click of order) {
      const rank = ranks[codes[click]!]!;
      sorted[next[rank]!] = click;
      next[rank]! += 1;
    }
    return sorted;
  }
}
