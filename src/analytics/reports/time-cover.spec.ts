import { describe, expect, it } from '@jest/globals';
import type { TimeRange } from './reports.types.js';
import { coverRange } from './time-cover.js';

const range = (from: string, to: string): TimeRange => ({
  from: Date.parse(from),
  to: Date.parse(to),
});
const texts = (stretches: TimeRange[]) =>
  stretches.map(({ from, to }) =>
    [from, to].map((time) => new Date(time).toISOString().slice(5, 16)).join('/'),
  );
const coverOf = (from: string, to: string, ...cuts: string[]) => {
  const cover = coverRange(
    range(from, to),
    cuts.map((cut) => Date.parse(cut)),
  );
  return [texts(cover.days), texts(cover.hours), texts(cover.quarters)];
};

describe(coverRange, () => {
  it('takes whole days where it can', () => {
    expect(coverOf('2026-11-01T00:00Z', '2026-11-04T00:00Z', '2026-11-02T00:00Z')).toEqual([
      ['11-01T00:00/11-04T00:00'],
      [],
      [],
    ]);
  });

  it('takes hours and quarters before and behind them', () => {
    expect(coverOf('2026-11-01T22:45Z', '2026-11-04T02:15Z')).toEqual([
      ['11-02T00:00/11-04T00:00'],
      ['11-01T23:00/11-02T00:00', '11-04T00:00/11-04T02:00'],
      ['11-01T22:45/11-01T23:00', '11-04T02:00/11-04T02:15'],
    ]);
  });

  it('takes no day that a cut divides, nor such an hour', () => {
    const [from, to] = ['2026-11-01T18:30Z', '2026-11-03T18:30Z'];
    expect(coverOf(from, to, '2026-11-02T18:30Z')).toEqual([
      [],
      ['11-01T19:00/11-02T18:00', '11-02T19:00/11-03T18:00'],
      ['11-01T18:30/11-01T19:00', '11-02T18:00/11-02T19:00', '11-03T18:00/11-03T18:30'],
    ]);
  });

  it('covers every moment once, whatever the range and the cuts are', () => {
    const quarter = 900_000;
    for (let seed = 1; seed < 300; seed += 1) {
      const from = seed * 7 * quarter;
      const to = from + ((seed * 31) % 900) * quarter + quarter;
      const cuts = [from, from + seed * quarter, from + seed * 3 * quarter];
      const { days, hours, quarters } = coverRange({ from, to }, cuts);
      const all = [...days, ...hours, ...quarters].toSorted((a, b) => a.from - b.from);
      expect(all.map((stretch) => stretch.from)).toEqual([
        from,
        ...all.slice(0, -1).map((stretch) => stretch.to),
      ]);
      expect(all.at(-1)!.to).toBe(to);
    }
  });
});
