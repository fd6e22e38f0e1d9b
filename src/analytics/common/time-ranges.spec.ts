import { describe, expect, it } from '@jest/globals';
import { DAY_MS, QUARTER_MS, type TimeRange } from '../analytics.types.js';
import { DayWindow, splitDays } from './time-ranges.js';

const range = (from: string, to: string): TimeRange => ({
  from: Date.parse(from),
  to: Date.parse(to),
});
const texts = (ranges: TimeRange[]) =>
  ranges.map(({ from, to }) =>
    [from, to].map((time) => new Date(time).toISOString().slice(5, 16)).join('/'),
  );
const splitOf = (from: string, to: string, ...cuts: string[]) => {
  const { days, rest } = splitDays(
    range(from, to),
    cuts.map((cut) => Date.parse(cut)),
  );
  return [texts(days), texts(rest)];
};

describe(splitDays, () => {
  it('takes whole days where it can', () => {
    expect(splitOf('2026-11-01T00:00Z', '2026-11-04T00:00Z', '2026-11-02T00:00Z')).toEqual([
      ['11-01T00:00/11-04T00:00'],
      [],
    ]);
  });

  it('leaves what is before and behind them', () => {
    expect(splitOf('2026-11-01T22:45Z', '2026-11-04T02:15Z')).toEqual([
      ['11-02T00:00/11-04T00:00'],
      ['11-01T22:45/11-02T00:00', '11-04T00:00/11-04T02:15'],
    ]);
  });

  it('takes no day that a cut divides', () => {
    const [from, to] = ['2026-11-01T18:30Z', '2026-11-04T18:30Z'];
    expect(splitOf(from, to, '2026-11-02T18:30Z')).toEqual([
      ['11-03T00:00/11-04T00:00'],
      ['11-01T18:30/11-03T00:00', '11-04T00:00/11-04T18:30'],
    ]);
  });

  it('covers every moment once, whatever the range and the cuts are', () => {
    for (let seed = 1; seed < 300; seed += 1) {
      const from = seed * 7 * QUARTER_MS;
      const to = from + ((seed * 31) % 900) * QUARTER_MS + QUARTER_MS;
      const cuts = [from, from + seed * QUARTER_MS, from + seed * 3 * QUARTER_MS];
      const { days, rest } = splitDays({ from, to }, cuts);
      const all = [...days, ...rest].toSorted((a, b) => a.from - b.from);
      expect(all.map((part) => part.from)).toEqual([
        from,
        ...all.slice(0, -1).map((part) => part.to),
      ]);
      expect(all.at(-1)!.to).toBe(to);
    }
  });
});

describe(DayWindow, () => {
  const day = Date.UTC(2026, 10, 23);

  it('is whole or empty where ranges have all of the day or nothing', () => {
    const whole = new DayWindow([{ from: day - DAY_MS, to: day + DAY_MS }], day);
    expect([whole.isWhole, whole.isEmpty]).toEqual([true, false]);
    const empty = new DayWindow([{ from: day - DAY_MS, to: day }], day);
    expect([empty.isWhole, empty.isEmpty]).toEqual([false, true]);
  });

  it('has the quarters of an hour that are within', () => {
    const { has } = new DayWindow(
      [
        { from: day - DAY_MS, to: day + QUARTER_MS },
        { from: day + 95 * QUARTER_MS, to: day + 2 * DAY_MS },
      ],
      day,
    );
    expect([has[0], has[1], has[94], has[95]]).toEqual([1, 0, 0, 1]);
  });
});
