import { describe, expect, it } from '@jest/globals';
import { PackCache } from './pack-cache.js';

describe(PackCache.name, () => {
  it('has copies of the parts of a pack, if it has all that are needed', () => {
    const cache = new PackCache(10_000);
    const bytes = Buffer.from('rows of a pack');
    cache.keep('a', 'rows', bytes);
    bytes.fill(0);
    expect(cache.find('a', ['rows'])?.rows?.toString()).toBe('rows of a pack');
    expect(cache.find('a', ['rows', 'links'])).toBeUndefined();
    expect(cache.find('b', ['rows'])).toBeUndefined();
    expect(cache.find('b', [])).toEqual({});
  });

  it('keeps so many bytes of those that were used last', () => {
    const cache = new PackCache(4_000);
    for (const id of ['a', 'b', 'c']) {
      cache.keep(id, 'rows', Buffer.alloc(1_500));
      cache.find('a', ['rows']);
    }
    expect(['a', 'b', 'c'].map((id) => cache.find(id, ['rows']) !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
    cache.keep('d', 'rows', Buffer.alloc(5_000));
    expect(cache.find('d', ['rows'])).toBeUndefined();
  });

  it('keeps nothing if it may not', () => {
    const cache = new PackCache(0);
    cache.keep('a', 'rows', Buffer.alloc(1));
    expect(cache.find('a', ['rows'])).toBeUndefined();
  });
});
