import { describe, expect, it } from '@jest/globals';
import { retryDelay } from './retry-schedule.js';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const NOW = Date.UTC(2026, 10, 1);

describe(retryDelay, () => {
  it('is that of Standard Webhooks: ten tries within some three days', () => {
    const delays = Array.from({ length: 9 }, (_, index) =>
      retryDelay(index + 1, undefined, NOW, 0),
    );
    expect(delays).toEqual(
      [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map((delay) => delay * SECOND),
    );
    expect(retryDelay(10, undefined, NOW, 0)).toBeNull();
  });

  it('is up to a tenth longer, so that not all come at once', () => {
    expect(retryDelay(1, undefined, NOW, 0.5)).toBe(5_250);
    expect(retryDelay(9, undefined, NOW, 1)).toBe(26.4 * HOUR);
  });

  it.each<[string | undefined, number, number]>([
    ['120', 1, 120 * SECOND],
    ['1', 1, 5 * SECOND],
    ['0', 2, 300 * SECOND],
    ['Sun, 01 Nov 2026 01:00:00 GMT', 1, HOUR],
    ['Sat, 31 Oct 2026 01:00:00 GMT', 1, 5 * SECOND],
    ['999999999', 1, 24 * HOUR],
    ['Sun, 01 Nov 2099 01:00:00 GMT', 1, 24 * HOUR],
    ['-5', 1, 5 * SECOND],
    ['1e9', 1, 5 * SECOND],
    ['soon', 1, 5 * SECOND],
    ['', 1, 5 * SECOND],
  ])('with Retry-After %j after try %d is %d ms', (retryAfter, tries, delay) => {
    expect(retryDelay(tries, retryAfter, NOW, 0)).toBe(delay);
  });
});
