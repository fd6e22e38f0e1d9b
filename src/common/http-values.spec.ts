import { describe, expect, it } from '@jest/globals';
import { decodeCursor, encodeCursor } from './cursor.js';
import { etagOf, versionsOf } from './etag.js';
import { ProblemError } from './problem/problem.error.js';
import { uuidv7 } from './uuid.js';

describe('A cursor', () => {
  it('stands for an id', () => {
    const id = uuidv7();
    expect(decodeCursor(encodeCursor(id))).toBe(id);
  });

  it.each(['', 'x', '!!!', 'AAAAAAAAAAAAAAAAAAAAAA==', 'A'.repeat(100)])('is not %j', (text) => {
    expect(() => decodeCursor(text)).toThrow(ProblemError);
  });
});

describe('If-Match', () => {
  it.each([
    [undefined, undefined],
    ['*', undefined],
    [etagOf(3), [3]],
    ['"1", "2"', [1, 2]],
    ['W/"1"', []],
    ['"abc"', []],
    ['"01"', []],
  ])('%j names the versions %j', (header, versions) => {
    expect(versionsOf(header)).toEqual(versions);
  });

  it.each(['3', '"1', '"1" "2"', ''])('is not %j', (header) => {
    expect(() => versionsOf(header)).toThrow(ProblemError);
  });
});

describe(uuidv7, () => {
  it('sorts by time, is of version 7, and is never the same', () => {
    const ids = Array.from({ length: 2_000 }, (_, n) => uuidv7(1_795_000_000_000 + n));
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(2_000);
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });
});
