import { describe, expect, it } from '@jest/globals';
import { buffersOf, copiesOf } from './stored-pack.js';

describe('parts of packs', () => {
  it('are copied into memory of their own', () => {
    const bytes = Buffer.from('rows of a pack').subarray(5, 7);
    const { rows, links } = copiesOf({ rows: bytes, links: null });
    bytes.fill(0);
    expect(rows!.toString()).toBe('of');
    expect(rows!.buffer.byteLength).toBe(2);
    expect(links).toBeNull();
  });

  it('are buffers again when they come from another thread', () => {
    const { rows, links } = buffersOf(structuredClone(copiesOf({ rows: Buffer.from('rows') })));
    expect(rows!.toString()).toBe('rows');
    expect(links).toBeUndefined();
  });
});
