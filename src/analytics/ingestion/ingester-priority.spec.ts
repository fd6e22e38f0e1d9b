import { beforeEach, describe, expect, it } from '@jest/globals';
import { IngesterPriority } from './ingester-priority.js';

const [QUIET, BUSY] = [0.6, 0.61];

describe(IngesterPriority.name, () => {
  let priority: IngesterPriority;
  beforeEach(() => {
    priority = new IngesterPriority(30_000, true);
  });

  /** Whether it is low after these moments. */
  function isLowAfter(...moments: [load: number, lagMs: number, now: number][]): boolean {
    for (const [load, lagMs, now] of moments) {
      priority.note({ load, isFailing: false }, lagMs, now);
    }
    return priority.isLow;
  }

  it.each([
    [30_000, 20_000, 0],
    [30_000, 25_000, 0.5],
    [30_000, 30_000, 1],
    [30_000, 90_000, 1],
    // What an outage has left.
    [30_000, 90_001, 0],
    [0, 3_000, 0],
    [0, 4_500, 1],
  ])(
    'with a bound of %d ms and a lag of %d ms, presses redirects by %d',
    (bound, lag, pressure) => {
      expect(new IngesterPriority(bound, true).pressure(lag)).toBe(pressure);
    },
  );

  it('is low to begin with', () => {
    expect(priority.isLow).toBe(true);
  });

  it.each([
    ['normal when clicks fall behind busy redirects', BUSY, 7_500, false],
    ['normal up to three times the bound', BUSY, 90_000, false],
    ['low while clicks keep up', BUSY, 7_499, true],
    ['low while redirects leave time', QUIET, 20_000, true],
    ['low for what an outage has left', BUSY, 90_001, true],
  ])('is %s', (_, load, lagMs, isLow) => {
    expect(isLowAfter([load, lagMs, 0])).toBe(isLow);
  });

  it('is low again when redirects were quiet for ten seconds, and not sooner', () => {
    expect(isLowAfter([BUSY, 20_000, 0], [BUSY, 1_000, 5_000], [QUIET, 0, 14_999])).toBe(false);
    expect(isLowAfter([QUIET, 0, 15_000])).toBe(true);
  });

  it('stays normal while redirects are busy, also when clicks have caught up', () => {
    expect(isLowAfter([BUSY, 20_000, 0], [BUSY, 0, 15_000], [BUSY, 0, 60_000])).toBe(false);
  });

  it('is low again when an outage has begun', () => {
    expect(isLowAfter([BUSY, 20_000, 0], [BUSY, 90_001, 70_000])).toBe(true);
  });

  it('is low at once, but not normal again within ten seconds', () => {
    expect(isLowAfter([BUSY, 90_000, 0], [BUSY, 90_001, 1])).toBe(true);
    expect(isLowAfter([BUSY, 90_000, 10_000])).toBe(true);
    expect(isLowAfter([BUSY, 90_000, 10_001])).toBe(false);
  });

  it('presses redirects again if what an outage has left gets three times as old', () => {
    isLowAfter([BUSY, 100_000, 0], [BUSY, 95_000, 1_000], [BUSY, 285_000, 20_000]);
    expect([priority.isLow, priority.pressure(285_000)]).toEqual([true, 0]);
    isLowAfter([BUSY, 285_001, 21_000]);
    expect([priority.isLow, priority.pressure(285_001)]).toEqual([false, 1]);
  });

  it('does not take it for their fault that clicks get older while the database fails', () => {
    isLowAfter([BUSY, 100_000, 0]);
    priority.note({ load: BUSY, isFailing: true }, 300_000, 200_000);
    isLowAfter([BUSY, 301_000, 201_000]);
    expect([priority.isLow, priority.pressure(301_000)]).toEqual([true, 0]);
  });

  it('is normal under load even if no lag at all is allowed', () => {
    priority = new IngesterPriority(0, true);
    expect(isLowAfter([QUIET, 1_500, 0])).toBe(true);
    expect(isLowAfter([BUSY, 1_500, 1])).toBe(false);
  });

  it('is always normal where there is no low priority', () => {
    priority = new IngesterPriority(30_000, false);
    expect(isLowAfter([QUIET, 0, 0], [BUSY, 90_001, 60_000], [QUIET, 0, 120_000])).toBe(false);
  });
});
