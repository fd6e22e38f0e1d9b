import { LRUCache } from 'lru-cache';
import type { PackPart } from '../pack-layout.js';

/** What an entry takes besides its bytes, about. */
const ENTRY_BYTES = 200;

/**
 * Parts of packs, which never change: a pack that is merged makes room for another with an id of its
 * own. Those that have not been used for longest make room.
 */
export class PackCache {
  private readonly parts: LRUCache<string, Buffer> | undefined;

  /** @param mostBytes nothing is kept, if 0 */
  constructor(mostBytes: number) {
    if (mostBytes === 0) return;
    this.parts = new LRUCache({
      maxSize: mostBytes,
      sizeCalculation: ({ length }) => length + ENTRY_BYTES,
    });
  }

  /** @returns undefined if one of them is not there */
  find(packId: string, parts: PackPart[]): Partial<Record<PackPart, Buffer>> | undefined {
    const found: Partial<Record<PackPart, Buffer>> = {};
    for (const part of parts) {
      const bytes = this.parts?.get(keyOf(packId, part));
      if (!bytes) return undefined;
      found[part] = bytes;
    }
    return found;
  }

  /** @param bytes are copied, to where other threads can read them */
  keep(packId: string, part: PackPart, bytes: Buffer): void {
    if (!this.parts) return;
    const shared = Buffer.from(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    this.parts.set(keyOf(packId, part), shared);
  }
}

const keyOf = (packId: string, part: PackPart): string => `${packId} ${part}`;
