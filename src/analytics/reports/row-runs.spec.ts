import { describe, expect, it } from '@jest/globals';
import { pickRuns, putBetween } from './row-runs.js';

describe('runs of rows', () => {
  const codes = Uint8Array.of(0, 1, 1, 2, 1, 0, 0, 1, 2, 2);
  const pick = (bounds: number[], ...wanted: number[]): number[] => {
    const picked = new Int32Array(20);
    const count = pickRuns(codes, Uint8Array.from(wanted), Int32Array.from(bounds), picked);
    return [...picked.subarray(0, count)];
  };

  it('are the parts of others that are wanted', () => {
    expect(pick([0, 10], 0, 1, 0)).toEqual([1, 3, 4, 5, 7, 8]);
    expect(pick([0, 10], 1, 0, 1)).toEqual([0, 1, 3, 4, 5, 7, 8, 10]);
    expect(pick([0, 10], 0, 0, 0)).toEqual([]);
    expect(pick([0, 10], 1, 1, 1)).toEqual([0, 10]);
    expect(pick([], 1, 1, 1)).toEqual([]);
  });

  it('never go on from one into the next', () => {
    expect(pick([1, 2, 2, 5, 9, 10], 0, 1, 1)).toEqual([1, 2, 2, 5, 9, 10]);
    expect(pick([0, 2, 2, 8], 0, 1, 0)).toEqual([1, 2, 2, 3, 4, 5, 7, 8]);
  });

  it.each([
    [
      [0, 10],
      [2, 4, 7, 8],
      [0, 2, 4, 7, 8, 10],
    ],
    [[0, 10], [], [0, 10]],
    [
      [0, 10],
      [0, 10],
      [0, 0, 10, 10],
    ],
    [
      [0, 5, 5, 10],
      [0, 2, 5, 7],
      [0, 0, 2, 5, 5, 5, 7, 10],
    ],
    [
      [0, 5, 5, 10],
      [4, 5],
      [0, 4, 5, 5, 5, 10],
    ],
  ])('have others between them: within %j and beside %j are %j', (within, runs, others) => {
    const between = new Int32Array(within.length + runs.length);
    putBetween(Int32Array.from(within), Int32Array.from(runs), between);
    expect([...between]).toEqual(others);
  });
});
