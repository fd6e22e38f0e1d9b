import type { PackColumn } from '../analytics.types.js';
import { PackedColumn } from '../pack-column.js';

export interface PackRow {
  /** Of the link or the workspace. */
  ownerId: string;
  /** Its start; Unix milliseconds. */
  day: number;
  isRolledUp: boolean;
  clicks: number;
  /** In base64; null where it is not wanted of this day. */
  columns: Partial<Record<PackColumn, string | null>>;
}

/** A pack as it was read. Its columns are decoded when they are asked for. */
export class StoredPack {
  private readonly decoded = new Map<PackColumn, PackedColumn>();

  constructor(private readonly row: PackRow) {}

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

  /** @returns undefined if it was not read */
  column(name: PackColumn): PackedColumn | undefined {
    const text = this.row.columns[name];
    if (text === undefined || text === null) return undefined;
    let column = this.decoded.get(name);
    if (!column) {
      column = PackedColumn.decode(Buffer.from(text, 'base64'), this.row.clicks);
      this.decoded.set(name, column);
    }
    return column;
  }

  /** Of which kind each click is: every report reads that. */
  get kinds(): PackedColumn {
    return this.column('kind')!;
  }
}
