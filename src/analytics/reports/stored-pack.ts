import type { CopiedRow } from '../../database/copy-out.js';
import { PackedColumn } from '../pack-column.js';
import type { PackColumn } from '../pack-layout.js';
import { unpackUuid } from '../pack-values.js';
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
  /** Null where it is not wanted of this day. */
  columns: Partial<Record<PackColumn, Buffer | null>>;
}

/** The row of a pack, as `packsStatement` reads it. */
export function packRowOf(row: CopiedRow, columns: PackColumn[]): PackRow {
  const [id, group, owner, day, isRolledUp, clicks, ...bytes] = row as Buffer[];
  return {
    id: unpackUuid(id!.toString('latin1')),
    group: group!.readInt32BE(),
    ownerId: owner!.toString(),
    day: day!.readDoubleBE(),
    isRolledUp: isRolledUp!.readUInt8() === 1,
    clicks: clicks!.readInt32BE(),
    columns: Object.fromEntries(columns.map((name, place) => [name, bytes[place]!])),
  };
}

/** A pack as it was read. Its columns are decoded when they are asked for. */
export class StoredPack {
  private readonly decoded = new Map<PackColumn, PackedColumn>();

  /** @param scratch is reset when the next pack is counted */
  constructor(
    private readonly row: PackRow,
    readonly scratch: Scratch,
  ) {}

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

  /** @returns undefined if it was not read */
  column(name: PackColumn): PackedColumn | undefined {
    const bytes = this.row.columns[name];
    if (!bytes) return undefined;
    let column = this.decoded.get(name);
    if (!column) {
      column = PackedColumn.decode(bytes, this.row.clicks, this.scratch.newWords);
      this.decoded.set(name, column);
    }
    return column;
  }

  /** Of which kind each click is: every report reads that. */
  get kinds(): PackedColumn {
    return this.column('kind')!;
  }
}
