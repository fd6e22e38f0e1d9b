import type { Dimension, Owner } from '../analytics.types.js';
import { type Kind, kindOf, quarterOf } from '../click-moment.js';
import { foldClicks } from '../folded-clicks.js';
import { PackColumnBuilder } from '../pack-column-builder.js';
import { PackedColumn } from '../pack-column.js';
import type { PackValue } from '../pack-format.js';
import {
  DIMENSION_COLUMNS,
  type DimensionColumn,
  FOLDED_COLUMNS,
  PACK_COLUMNS,
  type PackColumn,
  packedValue,
  type PackPart,
  valuesIn,
} from '../pack-layout.js';
import { LINK_WORDS, PackedLinks, PackedLinksBuilder } from '../packed-links.js';
import type { CountedClick } from './ingestion.types.js';

export type PackParts = Partial<Record<PackPart, Buffer>>;

/** The links of the clicks that have a value of a dimension; null is "unknown". */
export interface LinksOfValue {
  dimension: Dimension;
  value: string | null;
  links: Buffer;
}

/** Collects clicks for a pack, one by one or from other packs. */
export class PackBuilder {
  private readonly links: PackColumnBuilder | undefined;
  private readonly columns: Record<PackColumn, PackColumnBuilder>;
  private sorted: Uint32Array | undefined;

  /** @param clicks how many there will be */
  constructor(
    owner: Owner,
    private readonly clicks: number,
  ) {
    this.links = owner === 'workspace' ? new PackColumnBuilder(clicks) : undefined;
    this.columns = Object.fromEntries(
      PACK_COLUMNS.map((name) => [name, new PackColumnBuilder(clicks)]),
    ) as Record<PackColumn, PackColumnBuilder>;
  }

  add(click: CountedClick): void {
    this.links?.add(click.linkNumber!);
    for (const name of PACK_COLUMNS) this.columns[name].add(valueOf(click, name));
  }

  append({ clicks, parts }: { clicks: number; parts: PackParts }): void {
    if (this.links) {
      const { size, words } = new PackedLinks(parts.link!).toList();
      for (let at = 0; at < size * LINK_WORDS; at += LINK_WORDS) {
        this.links.addTimes(words[at]!, words[at + 1]!);
      }
    }
    for (const name of PACK_COLUMNS) {
      this.columns[name].append(PackedColumn.decode(parts[name]!, clicks));
    }
  }

  /** The clicks themselves. */
  build(): PackParts {
    const { order } = this;
    const columns = PACK_COLUMNS.map((name) => [name, this.columns[name].encode(order)] as const);
    return { ...(this.links && { link: this.linksOfAll() }), ...Object.fromEntries(columns) };
  }

  /** The clicks without their times and links. */
  fold(): Buffer {
    return foldClicks(
      FOLDED_COLUMNS.map((name) => this.columns[name]),
      this.clicks,
    );
  }

  /** The links by each value of each dimension; none if the pack is of a link. */
  linksByValue(): LinksOfValue[] {
    return Object.entries(DIMENSION_COLUMNS).flatMap(([column, dimensions]) =>
      dimensions.flatMap((dimension, part) =>
        this.linksOf(dimension, column as DimensionColumn, part),
      ),
    );
  }

  /** Clicks are sorted, those of workspaces by link and those of links by time, which take next to no room then. */
  private get order(): Uint32Array {
    return (this.sorted ??= (this.links ?? this.columns.quarter).order());
  }

  private linksOfAll(): Buffer {
    const builder = new PackedLinksBuilder();
    for (const click of this.order) builder.add(this.numberOf(click), this.kindOf(click));
    return builder.build();
  }

  private linksOf(dimension: Dimension, column: DimensionColumn, part: number): LinksOfValue[] {
    if (!this.links) return [];
    const builders = new Map<string | null, PackedLinksBuilder>();
    const builderOf = (packed: PackValue): PackedLinksBuilder => {
      const value = valuesIn(column, packed as string | null)[part]!;
      let builder = builders.get(value);
      if (!builder) builders.set(value, (builder = new PackedLinksBuilder()));
      return builder;
    };
    const packed = this.columns[column];
    const places = packed.values.map(builderOf);
    for (const click of this.order) {
      places[packed.placeAt(click)]!.add(this.numberOf(click), this.kindOf(click));
    }
    return [...builders].map(([value, builder]) => ({ dimension, value, links: builder.build() }));
  }

  private numberOf(click: number): number {
    return this.links!.valueOf(click) as number;
  }

  private kindOf(click: number): Kind {
    return this.columns.kind.valueOf(click) as Kind;
  }
}

function valueOf(click: CountedClick, name: PackColumn): PackValue {
  if (name === 'quarter') return quarterOf(click.clickedAt);
  if (name === 'kind') return kindOf(click);
  return packedValue(name, click.dimensions);
}
