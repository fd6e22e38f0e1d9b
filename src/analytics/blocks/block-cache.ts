import { LRUCache } from 'lru-cache';
import type { Part, Parts } from './block-builder.js';

/** What an entry takes besides its bytes, about. */
const ENTRY_BYTES = 200;

/**
 * Parts of blocks, which never change: a block that is merged makes room for another with an id of its
 * own. Those that have not been used for longest make room.
 */
export class BlockCache {
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
  find(blockId: string, names: readonly Part[]): Parts | undefined {
    const found: Parts = {};
    for (const name of names) {
      const bytes = this.parts?.get(`${blockId} ${name}`);
      if (!bytes) return undefined;
      found[name] = bytes;
    }
    return found;
  }

  keep(blockId: string, names: readonly Part[], parts: Parts): void {
    for (const name of names) this.parts?.set(`${blockId} ${name}`, parts[name]);
  }
}
