import { describe, expect, it } from '@jest/globals';
import type { PackPart } from '../pack-layout.js';
import { PackCache } from './pack-cache.js';

/** Which of these packs are there, if these parts are needed of each. */
const kept = (cache: PackCache, ids: string[], ...parts: PackPart[]) =>
  cache.findAll(
    ids.map((id) => ({ id })),
    () => parts,
  );

describe(PackCache.name, () => {
  it('has the parts of packs, if it has all that are needed', () => {
    const cache = new PackCache(10_000);
    const [rows, links] = [Buffer.from('rows'), Buffer.from('links')];
    cache.keep('a', { rows, links: null });
    cache.keep('b', { rows, links });
    expect(kept(cache, ['a', 'b', 'c'], 'rows', 'links')).toEqual({
      found: [{ id: 'b', parts: { rows, links } }],
      missing: ['a', 'c'],
    });
    cache.keep('a', { links });
    expect(kept(cache, ['a'], 'rows', 'links').found).toEqual([
      { id: 'a', parts: { rows, links } },
    ]);
    expect(kept(cache, ['c']).found).toEqual([{ id: 'c', parts: {} }]);
  });

  it('keeps so many bytes of those that were used last', () => {
    const cache = new PackCache(4_000);
    for (const id of ['a', 'b', 'c']) {
      cache.keep(id, { rows: Buffer.alloc(1_500) });
      kept(cache, ['a'], 'rows');
    }
    expect(kept(cache, ['a', 'b', 'c'], 'rows').missing).toEqual(['b']);
    cache.keep('d', { rows: Buffer.alloc(5_000) });
    expect(kept(cache, ['d'], 'rows').missing).toEqual(['d']);
  });

  it('keeps nothing if it may not', () => {
    const cache = new PackCache(0);
    cache.keep('a', { rows: Buffer.alloc(1) });
    expect(kept(cache, ['a'], 'rows').missing).toEqual(['a']);
  });
});
