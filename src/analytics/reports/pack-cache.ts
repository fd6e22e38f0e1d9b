import { LRUCache } from 'lru-cache';
import type { PackPart } from '../pack-layout.js';
import type { PackParts } from './stored-pack.js';

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

  /** Those of the packs of which all is there that is needed, and the ids of the others. */
  findAll<Head extends { id: string }>(
    heads: Head[],
    neededOf: (head: Head) => PackPart[],
  ): { found: (Head & { parts: PackParts })[]; missing: string[] } {
    const found = [];
    const missing = [];
    for (const head of heads) {
      const parts = this.find(head.id, neededOf(head));
      if (parts) found.push({ ...head, parts });
      else missing.push(head.id);
    }
    return { found, missing };
  }

  /** @param parts are not copied: nobody may change them */
  keep(packId: string, parts: PackParts): void {
    for (const [name, bytes] of Object.entries(parts)) {
      if (bytes) this.parts?.set(keyOf(packId, name), bytes);
    }
  }

  /** @returns undefined if one of them is not there */
  private find(packId: string, parts: PackPart[]): PackParts | undefined {
    const found: PackParts = {};
    for (const part of parts) {
      const bytes = this.parts?.get(keyOf(packId, part));
      if (!bytes) return undefined;
      found[part] = bytes;
    }
    return found;
  }
}

const keyOf = (packId: string, part: string): string => `${packId} ${part}`;
