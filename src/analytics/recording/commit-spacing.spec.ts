import { beforeEach, describe, expect, it } from '@jest/globals';
import { CommitSpacing } from './commit-spacing.js';

describe(CommitSpacing.name, () => {
  let now: number;
  let active: number;
  let pressure: number;
  let spacing: CommitSpacing;

  beforeEach(() => {
    now = 1_000;
    active = 500;
    pressure = 0.001;
    spacing = new CommitSpacing(() => pressure, { now: () => now, active: () => active });
    commit(1);
  });

  /** One that the thread has worked for so long, and had nothing to do for a while. */
  function commit(ms: number, idleMs = 0): void {
    now += ms + idleMs;
    active += ms;
    spacing.noteEnd();
  }

  it('has nobody wait while clicks are ingested as fast as they come', () => {
    pressure = 0;
    commit(5);
    expect(spacing.waitMs).toBe(0);
  });

  it('has the next commit wait twice as long as the thread has worked for the last', () => {
    expect(spacing.waitMs).toBe(0);
    commit(3, 100);
    expect(spacing.waitMs).toBeCloseTo(6, 1);
    now += 4;
    expect(spacing.waitMs).toBeCloseTo(2, 1);
    now += 10;
    expect(spacing.waitMs).toBe(0);
  });

  it('has it wait the longer, the more clicks are behind', () => {
    pressure = 0.5;
    commit(2);
    expect(spacing.waitMs).toBe(12);
    pressure = 1;
    commit(1);
    expect(spacing.waitMs).toBe(10);
  });

  it('has nobody wait for more than 20 ms', () => {
    commit(500);
    expect(spacing.waitMs).toBe(20);
  });

  it('ends with the backlog, and begins anew with the next', () => {
    commit(5);
    pressure = 0;
    commit(5);
    expect(spacing.waitMs).toBe(0);
    pressure = 0.001;
    commit(5);
    expect(spacing.waitMs).toBe(0);
    commit(5);
    expect(spacing.waitMs).toBeCloseTo(10, 1);
  });
});
