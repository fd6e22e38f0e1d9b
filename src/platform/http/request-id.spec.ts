import { describe, expect, it } from '@jest/globals';
import { requestIdOf } from './request-id.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const idFor = (header?: string | string[]) => requestIdOf({ headers: { 'x-request-id': header } });

describe(requestIdOf.name, () => {
  it.each(['a', 'job-17:retry.2_b', 'x'.repeat(128)])('keeps %s', (id) => {
    expect(idFor(id)).toBe(id);
  });

  it.each([undefined, '', 'two words', 'a\r\nset-cookie: b', 'x'.repeat(129), ['a', 'b']])(
    'makes a new one instead of %j',
    (id) => {
      expect(idFor(id)).toMatch(UUID_V7);
    },
  );
});
