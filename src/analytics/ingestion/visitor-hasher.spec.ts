import { describe, expect, it } from '@jest/globals';
import type { ClickRecord } from '../common/spool-format.js';
import { dayOf, visitorOf } from './visitor-hasher.js';

const NOON = Date.UTC(2026, 10, 23, 12);

describe(visitorOf, () => {
  const salts = new Map([
    ['2026-11-23', Buffer.alloc(32, 1)],
    ['2026-11-24', Buffer.alloc(32, 2)],
  ]);
  const hashOf = (changes: Partial<ClickRecord> = {}) =>
    visitorOf(
      { clickedAt: NOON, address: '203.0.113.9', userAgent: 'Firefox', ...changes } as ClickRecord,
      salts,
    );

  it('is the same for the same visitor all day long, UTC', () => {
    expect(hashOf({ clickedAt: Date.UTC(2026, 10, 23) })).toBe(hashOf());
    expect(hashOf({ clickedAt: Date.UTC(2026, 10, 24) - 1 })).toBe(hashOf());
    expect(dayOf(Date.UTC(2026, 10, 24) - 1)).toBe('2026-11-23');
  });

  it('is another for every address, user agent and day', () => {
    const hashes = [
      hashOf(),
      hashOf({ address: '203.0.113.8' }),
      hashOf({ userAgent: 'Chrome' }),
      hashOf({ clickedAt: Date.UTC(2026, 10, 24) }),
      // The same characters, divided otherwise.
      hashOf({ address: '203.0.113.9F', userAgent: 'irefox' }),
    ];
    expect(new Set(hashes).size).toBe(5);
    expect(hashOf()).toMatch(/^[0-9a-f]{32}$/);
  });
});
