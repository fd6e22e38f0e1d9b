import { describe, expect, it } from '@jest/globals';
import { DAY_MS, QUARTER_MS } from '../analytics.types.js';
import { DayWindow } from './day-window.js';

const DAY = Date.UTC(2026, 10, 23);

describe(DayWindow.name, () => {
  const of = (...stretches: [from: number, to: number][]) => {
    const window = new DayWindow(
      stretches.map(([from, to]) => ({ from: DAY + from, to: DAY + to })),
      DAY,
    );
    const quarters = [...window.has.keys()].filter((quarter) => window.has[quarter] === 1);
    return [window.isEmpty, window.isWhole, quarters.length, quarters[0]];
  };

  it('is empty where no stretch touches the day', () => {
    expect(of()).toEqual([true, false, 0, undefined]);
    expect(of([-DAY_MS, 0], [DAY_MS, 2 * DAY_MS])).toEqual([true, false, 0, undefined]);
  });

  it('is whole where stretches cover it together', () => {
    expect(of([-5 * DAY_MS, 9 * DAY_MS])).toEqual([false, true, 96, 0]);
    expect(of([0, 40 * QUARTER_MS], [40 * QUARTER_MS, DAY_MS])).toEqual([false, true, 96, 0]);
  });

  it('has the quarters of an hour that are within', () => {
    expect(of([-QUARTER_MS, 3 * QUARTER_MS])).toEqual([false, false, 3, 0]);
    expect(of([95 * QUARTER_MS, 2 * DAY_MS])).toEqual([false, false, 1, 95]);
    expect(of([QUARTER_MS, 2 * QUARTER_MS], [7 * QUARTER_MS, 9 * QUARTER_MS])).toEqual([
      false,
      false,
      3,
      1,
    ]);
  });
});
