import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Backpressure } from './backpressure.js';

const BOUND = 30_000;

describe(Backpressure.name, () => {
  let sensor: { activeMs: number };
  let backpressure: Backpressure;

  beforeEach(() => {
    jest.useFakeTimers();
    sensor = { activeMs: 500 };
    backpressure = new Backpressure(sensor as never);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const note = (lagMs: number, isFailing = false, maxLagMs = BOUND): number => {
    backpressure.note({ lagMs, maxLagMs, isFailing });
    return backpressure.pressure;
  };

  /** A commit that the thread has worked for so long, and had nothing to do for a while. */
  function commit(ms: number, idleMs = 0): void {
    jest.advanceTimersByTime(ms + idleMs);
    sensor.activeMs += ms;
    backpressure.noteEnd();
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
      expect(note(lag, false, bound)).toBe(pressure);
    },
  );

  it('presses redirects again if what an outage has left gets three times as old', () => {
    expect([100_000, 95_000, 285_000, 285_001].map((lag) => note(lag))).toEqual([0, 0, 0, 1]);
  });

  it('does not take it for their fault that clicks get older while the database fails', () => {
    note(100_000);
    expect([note(300_000, true), note(301_000)]).toEqual([0, 0]);
    expect(note(25_000, true)).toBe(0);
  });

  it('has nobody wait while clicks are ingested as fast as they come', () => {
    commit(5);
    commit(5);
    expect(backpressure.restMs).toBe(0);
  });

  it('has the next commit wait twice as long as the thread has worked for the last', () => {
    note(20_001);
    commit(1);
    expect(backpressure.restMs).toBe(0);
    commit(3, 100);
    expect(backpressure.restMs).toBeCloseTo(6, 1);
    jest.advanceTimersByTime(4);
    expect(backpressure.restMs).toBeCloseTo(2, 1);
    jest.advanceTimersByTime(10);
    expect(backpressure.restMs).toBe(0);
  });

  it.each([
    [25_000, 2, 12],
    [30_000, 1, 10],
    [30_000, 500, 20],
  ])('with a lag of %d ms and %d ms of work, has it wait for %d ms', (lag, work, rest) => {
    note(lag);
    commit(1);
    commit(work);
    expect(backpressure.restMs).toBeCloseTo(rest, 1);
  });

  it('begins work at once, or after the rest', () => {
    const begun: string[] = [];
    backpressure.schedule(() => begun.push('at once'));
    jest.advanceTimersByTime(0);
    note(30_000);
    commit(1);
    commit(1);
    backpressure.schedule(() => begun.push('later'));
    jest.advanceTimersByTime(9);
    expect(begun).toEqual(['at once']);
    jest.advanceTimersByTime(1);
    expect(begun).toEqual(['at once', 'later']);
  });

  it('ends with the backlog, and begins anew with the next', () => {
    note(20_001);
    commit(5);
    note(0);
    commit(5);
    expect(backpressure.restMs).toBe(0);
    note(20_001);
    commit(5);
    expect(backpressure.restMs).toBe(0);
    commit(5);
    expect(backpressure.restMs).toBeCloseTo(10, 1);
  });
});
