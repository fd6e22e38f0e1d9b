import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AdmissionQueue } from './admission-queue.js';
import type { Load } from './load-sensor.js';

const HALF_A_SAMPLE_MS = 25;

describe(AdmissionQueue.name, () => {
  let sample: (load: Load) => void;
  let queue: AdmissionQueue;
  let begun: string[];

  beforeEach(() => {
    jest.useFakeTimers();
    queue = new AdmissionQueue({ onSample: (listener: never) => (sample = listener) } as never);
    begun = [];
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const request = (name: string, isGone = () => false) =>
    queue.admit(() => void begun.push(name), isGone);
  const load = (utilization: number, urgent: number) => sample({ utilization, urgent });

  it.each([
    ['few redirects', 0.75, 249, true],
    ['few redirects in a busy event loop', 0.76, 249, false],
    ['many redirects', 0.3, 250, true],
    ['many redirects that have to wait for others', 0.31, 250, false],
    ['an event loop that the API itself keeps busy', 1, 24, true],
  ])(
    'with %s, lets requests of the API begin at once: %s, %s, %s',
    (_, utilization, redirects, atOnce) => {
      request('first');
      load(utilization, redirects);
      request('second');
      expect(begun).toEqual(atOnce ? ['first', 'second'] : ['first']);
    },
  );

  it('lets them begin one after the other, in order, while redirects need it', () => {
    load(0.95, 1_000);
    for (const name of ['a', 'b', 'c']) request(name);
    expect(begun).toEqual([]);
    load(0.95, 1_000);
    expect(begun).toEqual(['a']);
    jest.advanceTimersByTime(HALF_A_SAMPLE_MS);
    expect(begun).toEqual(['a']);
    load(0.95, 1_000);
    expect(begun).toEqual(['a', 'b']);
  });

  it('lets those who have waited begin twice as often when redirects are less busy', () => {
    load(0.95, 1_000);
    for (const name of ['a', 'b', 'c', 'd', 'e']) request(name);
    load(0.3, 1_000);
    expect(begun).toEqual(['a']);
    jest.advanceTimersByTime(HALF_A_SAMPLE_MS);
    expect(begun).toEqual(['a', 'b']);
    load(0.3, 24);
    jest.advanceTimersByTime(0);
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('lets only some begin in each turn of the event loop, however many there are', () => {
    for (let count = 0; count < 20; count += 1) request('a');
    expect(begun).toHaveLength(8);
    jest.runOnlyPendingTimers();
    expect(begun).toHaveLength(16);
    request('b');
    expect(begun).toHaveLength(16);
    jest.runOnlyPendingTimers();
    expect(begun).toHaveLength(21);
    expect(begun.at(-1)).toBe('b');
  });

  it('forgets those whose clients have left', () => {
    load(0.95, 1_000);
    let hasLeft = false;
    request('a', () => hasLeft);
    request('b');
    hasLeft = true;
    load(0.95, 1_000);
    expect(begun).toEqual(['b']);
  });

  it('lets everybody go who waits when the process stops, and waits no more', () => {
    load(0.95, 1_000);
    request('a');
    queue.onModuleDestroy();
    load(0.95, 1_000);
    request('b');
    expect(begun).toEqual(['a', 'b']);
  });
});
