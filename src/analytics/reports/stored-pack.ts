import type { CopiedRow } from '../../database/copy-out.js';
import { plainBytes } from '../pack-format.js';
import type { PackPart } from '../pack-layout.js';
import { PackedLinks, type WantedLinks } from '../packed-links.js';
import { PackedWords } from '../packed-words.js';
import { ClicksByLink } from './clicks-by-link.js';
import { ClicksByRow } from './clicks-by-row.js';
import { PackRows } from './pack-rows.js';
import type { Scratch } from './scratch.js';

/** What a pack is of. */
export interface PackHead {
  id: string;
  /** Packs of the same one may all go at once. */
  group: number;
  /** Of the link or the workspace. */
  ownerId: string;
  /** Its start; Unix milliseconds. */
  day: number;
  isRolledUp: boolean;
  clicks: number;
}

/** Null where it is not needed of this pack. */
export type PackParts = Partial<Record<PackPart, Buffer | null>>;

export interface PackRow extends PackHead {
  parts: PackParts;
}

/** The row of a pack, as `packsStatement` reads it. */
export function packRowOf(row: CopiedRow, parts: readonly PackPart[]): PackRow {
  const [id, group, owner, day, isRolledUp, clicks, ...bytes] = row as Buffer[];
  return {
    id: id!.toString(),
    group: group!.readInt32BE(),
    ownerId: owner!.toString(),
    day: day!.readDoubleBE(),
    isRolledUp: isRolledUp!.readUInt8() === 1,
    clicks: clicks!.readInt32BE(),
    parts: Object.fromEntries(parts.map((name, place) => [name, bytes[place]!])),
  };
}

/** In memory of their own. */
export const copiesOf = (parts: PackParts): PackParts =>
  mapParts(parts, (bytes) => Buffer.from(new Uint8Array(bytes).buffer));

/** As `parts` were before they came from another thread, which has no buffers. */
export const buffersOf = (parts: Partial<Record<PackPart, Uint8Array | null>>): PackParts =>
  mapParts(parts, (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));

function mapParts<Bytes extends Uint8Array>(
  parts: Partial<Record<PackPart, Bytes | null>>,
  map: (bytes: Bytes) => Buffer,
): PackParts {
  const entries = Object.entries(parts).map(([name, bytes]) => [name, bytes && map(bytes)]);
  return Object.fromEntries(entries) as PackParts;
}

/** A pack as it was read. What is in it is decoded when it is asked for. */
export class StoredPack {
  /** Undefined if they were not read. */
  readonly rows: PackRows | undefined;
  readonly links: PackedLinks | undefined;
  private countsOfLinks: Uint32Array | undefined;

  /** @param scratch everything that was taken from it before is taken back */
  constructor(
    private readonly row: PackRow,
    private readonly scratch: Scratch,
  ) {
    scratch.reset();
    const { rows, links } = row.parts;
    this.rows = rows ? new PackRows(rows, scratch) : undefined;
    this.links = links ? new PackedLinks(links) : undefined;
  }

  get ownerId(): string {
    return this.row.ownerId;
  }

  get day(): number {
    return this.row.day;
  }

  /** How many clicks it has. */
  get size(): number {
    return this.row.clicks;
  }

  get isRolledUp(): boolean {
    return this.row.isRolledUp;
  }

  get id(): string {
    return this.row.id;
  }

  get group(): number {
    return this.row.group;
  }

  /** How many clicks of each kind the links have, as of `PackedLinks.counts`; nobody may change it. */
  get linkCounts(): Uint32Array {
    return (this.countsOfLinks ??= this.links!.counts(this.scratch.newWords));
  }

  /** As `linkCounts`, to be changed: it begins with those of all clicks, or of none. */
  countsFrom(all: boolean): Uint32Array {
    const { linkCounts } = this;
    const counts = this.scratch.newWords(linkCounts.length);
    if (all) counts.set(linkCounts);
    else counts.fill(0);
    return counts;
  }

  /** The places of some of its links, ascending. */
  placesOf(wanted: WantedLinks): Uint32Array {
    return this.links!.placesOf(wanted, this.scratch.newWords);
  }

  get clicksByRow(): ClicksByRow {
    const { row_quarters: quarters, row_links: links } = this.row.parts;
    return new ClicksByRow(
      this.rows!,
      quarters ? plainBytes(quarters) : undefined,
      links ? new PackedWords(links) : undefined,
    );
  }

  clicksOf(wanted: WantedLinks): ClicksByLink {
    const { link_quarters: quarters, link_rows: rows } = this.row.parts;
    return new ClicksByLink(
      this.rows!,
      { counts: this.linkCounts, places: this.placesOf(wanted) },
      new PackedWords(rows!),
      quarters ? plainBytes(quarters) : undefined,
    );
  }
}
