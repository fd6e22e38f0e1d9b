import type { CopiedRow } from '../../database/copy-out.js';
import { unfold } from '../folded-clicks.js';
import { PackedColumn } from '../pack-column.js';
import { FOLDED_COLUMNS, type PackColumn, type PackPart } from '../pack-layout.js';
import { type LinkList, PackedLinks } from '../packed-links.js';
import type { Scratch } from './scratch.js';

export interface PackRow {
  id: string;
  /** Packs of the same one may all go at once. */
  group: number;
  /** Of the link or the workspace. */
  ownerId: string;
  /** Its start; Unix milliseconds. */
  day: number;
  isRolledUp: boolean;
  clicks: number;
  /** Whether its clicks are kept folded, and its links by value, too. */
  isFolded: boolean;
  /** Null where it is not wanted of this pack. */
  parts: Partial<Record<PackPart, Buffer | null>>;
}

/** The row of a pack, as `packsStatement` reads it. */
export function packRowOf(row: CopiedRow, parts: PackPart[]): PackRow {
  const [id, group, owner, day, isRolledUp, clicks, isFolded, ...bytes] = row as Buffer[];
  return {
    id: id!.toString(),
    group: group!.readInt32BE(),
    ownerId: owner!.toString(),
    day: day!.readDoubleBE(),
    isRolledUp: isRolledUp!.readUInt8() === 1,
    clicks: clicks!.readInt32BE(),
    isFolded: isFolded!.readUInt8() === 1,
    parts: Object.fromEntries(parts.map((name, place) => [name, bytes[place]!])),
  };
}

/** A pack as it was read. What is in it is decoded when it is asked for. */
export class StoredPack {
  private readonly decoded = new Map<PackColumn, PackedColumn>();
  private listed: LinkList | undefined;

  /**
   * @param scratch is reset when the next pack is counted
   * @param weights how many clicks each of its clicks stands for, if they are folded
   */
  constructor(
    private readonly row: PackRow,
    readonly scratch: Scratch,
    readonly weights?: Uint32Array,
  ) {}

  get ownerId(): string {
    return this.row.ownerId;
  }

  get day(): number {
    return this.row.day;
  }

  /** How many clicks it has; if they are folded, after that. */
  get size(): number {
    return this.row.clicks;
  }

  get isRolledUp(): boolean {
    return this.row.isRolledUp;
  }

  get isFolded(): boolean {
    return this.row.isFolded;
  }

  get id(): string {
    return this.row.id;
  }

  get group(): number {
    return this.row.group;
  }

  /** @returns undefined if it was not read */
  column(name: PackColumn): PackedColumn | undefined {
    const bytes = this.row.parts[name];
    if (!bytes) return undefined;
    let column = this.decoded.get(name);
    if (!column) {
      column = PackedColumn.decode(bytes, this.row.clicks, this.scratch.newWords);
      this.decoded.set(name, column);
    }
    return column;
  }

  /** @returns undefined if they were not read */
  get links(): PackedLinks | undefined {
    const bytes = this.row.parts.link;
    return bytes ? new PackedLinks(bytes) : undefined;
  }

  /** As `links`, one by one. */
  get linkList(): LinkList | undefined {
    return (this.listed ??= this.links?.toList(this.scratch.newWords));
  }

  /** Its clicks folded; undefined if they were not read. */
  folded(): StoredPack | undefined {
    const bytes = this.row.parts.folded;
    if (!bytes) return undefined;
    const { scratch } = this;
    const { rows, columns, weights } = unfold(bytes, FOLDED_COLUMNS.length, scratch.newWords);
    const parts = Object.fromEntries(FOLDED_COLUMNS.map((name, place) => [name, columns[place]!]));
    return new StoredPack({ ...this.row, clicks: rows, parts }, scratch, weights);
  }
}
