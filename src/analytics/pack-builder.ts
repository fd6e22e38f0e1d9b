import type { Dimension, Owner } from './analytics.types.js';
import { KINDS, kindOf, quarterOf } from './click-moment.js';
import { firstsOf, readRows, rowsOf, sortAlike, writeRows } from './click-rows.js';
import { PackColumnBuilder } from './pack-column-builder.js';
import { PackedColumn } from './pack-column.js';
import { inOrder, type PackValue } from './pack-format.js';
import {
  DIMENSION_COLUMN_NAMES,
  packedValue,
  type PackPart,
  ROW_COLUMNS,
  type RowColumn,
} from './pack-layout.js';
import { PackedLinks } from './packed-links.js';
import { PackedWords } from './packed-words.js';
import { foldRareValues, MOST_VALUES } from './rare-values.js';

/** What a pack knows of a click. */
export interface PackableClick {
  /** Unix milliseconds. */
  clickedAt: number;
  isBot: boolean;
  isNewVisitor: boolean;
  /** The values that are known. */
  dimensions: Partial<Record<Dimension, string>>;
  /** For packs of workspaces. */
  linkNumber?: number;
}

export type PackParts = Partial<Record<PackPart, Buffer>>;

/** Collects clicks for a pack, one by one or from other packs. */
export class PackBuilder {
  private readonly columns: Record<RowColumn, PackColumnBuilder>;
  private readonly quarters: Uint8Array;
  private readonly links: PackColumnBuilder | undefined;
  private size = 0;

  /** @param clicks how many there will be */
  constructor(
    private readonly owner: Owner,
    clicks: number,
  ) {
    this.columns = Object.fromEntries(
      ROW_COLUMNS.map((name) => [
        name,
        new PackColumnBuilder(clicks, name === 'kind' ? KINDS : []),
      ]),
    ) as Record<RowColumn, PackColumnBuilder>;
    this.quarters = new Uint8Array(clicks);
    this.links = owner === 'workspace' ? new PackColumnBuilder(clicks) : undefined;
  }

  add(click: PackableClick): void {
    for (const name of ROW_COLUMNS) this.columns[name].add(valueOf(click, name));
    this.links?.add(click.linkNumber!);
    this.quarters[this.size] = quarterOf(click.clickedAt);
    this.size += 1;
  }

  append({ clicks, parts }: { clicks: number; parts: PackParts }): void {
    const { size, columns, weights } = readRows(parts.rows!, ROW_COLUMNS.length);
    for (const [index, name] of ROW_COLUMNS.entries()) {
      const { values, codes } = PackedColumn.decode(columns[index]!, size);
      this.columns[name].addAll(values, codes, weights);
    }
    if (this.links) {
      const places = new PackedWords(parts.row_links!);
      const numbers = new PackedLinks(parts.links!).numbers();
      this.links.addAll(
        numbers,
        inOrder(clicks).map((click) => places.at(click)),
      );
    }
    this.quarters.set(parts.row_quarters!, this.size);
    this.size += clicks;
  }

  build(): PackParts {
    this.foldRareValues();
    const columns = ROW_COLUMNS.map((name) => this.columns[name]);
    const { links } = this;
    const ranks = links?.ranks();
    const anyOrder = inOrder(this.size);
    // By link within each row: who counts the links of a row then goes through them in order.
    const byRow = sortAlike(columns, links ? links.grouped(anyOrder, ranks) : anyOrder);
    const firsts = firstsOf(columns, byRow);
    const rows = rowsOf(byRow, firsts);
    const parts: PackParts = {
      rows: writeRows(columns, firsts, rows),
      row_quarters: this.quartersOf(byRow),
    };
    if (!links || !ranks) return parts;
    const byLink = links.grouped(byRow, ranks);
    return {
      ...parts,
      row_links: PackedWords.encode(byRow.map((click) => ranks[links.placeAt(click)]!)),
      links: this.countedLinks(links, ranks),
      link_quarters: this.quartersOf(byLink),
      link_rows: PackedWords.encode(byLink.map((click) => rows[click]!)),
    };
  }

  private foldRareValues(): void {
    const most = MOST_VALUES[this.owner];
    for (const name of DIMENSION_COLUMN_NAMES) {
      const column = this.columns[name];
      if (column.values.length <= most) continue;
      column.replace(foldRareValues(name, column.values, column.counts(), most));
    }
  }

  private quartersOf(clicks: Uint32Array): Buffer {
    return Buffer.from(Uint8Array.from(clicks, (click) => this.quarters[click]!));
  }

  private countedLinks(links: PackColumnBuilder, ranks: Uint32Array): Buffer {
    const { length } = links.values;
    const numbers = new Uint32Array(length);
    for (const [place, number] of links.values.entries()) numbers[ranks[place]!] = number as number;
    const { kind } = this.columns;
    const counts = new Uint32Array(length * KINDS.length);
    for (let click = 0; click < this.size; click += 1) {
      counts[kind.placeAt(click) * length + ranks[links.placeAt(click)]!]! += 1;
    }
    return PackedLinks.encode(numbers, counts);
  }
}

function valueOf(click: PackableClick, name: RowColumn): PackValue {
  return name === 'kind' ? kindOf(click) : packedValue(name, click.dimensions);
}
