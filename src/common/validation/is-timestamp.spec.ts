import { describe, expect, it } from '@jest/globals';
import { isTimestamp } from './is-timestamp.decorator.js';

describe(isTimestamp, () => {
  it.each([
    '2026-12-31T23:59:59Z',
    '2026-12-31T23:59:59.123456789Z',
    '2028-02-29T00:00:00+05:45',
    '2026-01-01T00:00:00-12:00',
    '1970-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
  ])('takes %s', (text) => {
    expect(isTimestamp(text)).toBe(true);
  });

  it.each([
    ['2026-12-31', 'no time'],
    ['2026-12-31T23:59:59', 'no offset'],
    ['2026-12-31 23:59:59Z', 'no T'],
    ['2026-12-31t23:59:59z', 'small letters'],
    ['2026-02-29T00:00:00Z', 'no such day'],
    ['2026-04-31T00:00:00Z', 'no such day'],
    ['2026-13-01T00:00:00Z', 'no such month'],
    ['2026-00-10T00:00:00Z', 'no such month'],
    ['2026-01-00T00:00:00Z', 'no such day'],
    ['2026-01-01T24:00:00Z', 'an hour of the next day'],
    ['2026-01-01T00:60:00Z', 'no such minute'],
    ['2026-01-01T00:00:00+25:00', 'no such offset'],
    ['1969-12-31T23:59:59Z', 'before 1970'],
    ['1970-01-01T00:00:00+01:00', 'before 1970 in UTC'],
    ['9999-12-31T23:59:59-01:00', 'in the year 10000 in UTC'],
    ['+010000-01-01T00:00:00Z', 'a year of six digits'],
    ['1795000000000', 'a number'],
    ['2026-12-31T23:59:59Z\n', 'a line break'],
    ['', 'nothing'],
  ])('refuses %j: %s', (text) => {
    expect(isTimestamp(text)).toBe(false);
  });
});
