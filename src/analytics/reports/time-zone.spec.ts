import { describe, expect, it } from '@jest/globals';
import { bucketStarts } from './time-range.js';
import type { Interval } from './reports.types.js';
import { TimeZone } from './time-zone.js';

const zoneOf = (name: string): TimeZone => TimeZone.find(name)!;
const startsOf = (name: string, interval: Interval, from: string, to: string): string[] => {
  const zone = zoneOf(name);
  const range = { from: Date.parse(from), to: Date.parse(to) };
  return bucketStarts(range, interval, zone).map((start) => zone.toString(start));
};
const hoursBetween = (starts: string[]): number[] =>
  starts.slice(1).map((start, index) => (Date.parse(start) - Date.parse(starts[index]!)) / 3.6e6);

describe(TimeZone.name, () => {
  it('is found in any case, and not if it does not exist', () => {
    expect(TimeZone.find('europe/BERLIN')!.name).toBe('Europe/Berlin');
    expect(TimeZone.find('utc')!.name).toBe('UTC');
    for (const name of ['', 'Mars/Olympus', '+05:45', '-01:00', 'Europe/Berlin; DROP', ' UTC']) {
      expect([name, TimeZone.find(name)]).toEqual([name, undefined]);
    }
  });

  it('keeps the name of an alias as it was written', () => {
    expect(TimeZone.find('Asia/Kathmandu')!.name).toBe('Asia/Kathmandu');
    expect(TimeZone.find('Europe/Kyiv')!.name).toBe('Europe/Kyiv');
  });

  it('knows days of 23 and 25 hours', () => {
    const spring = startsOf('Europe/Paris', 'day', '2026-03-28T12:00:00Z', '2026-03-31T00:00:00Z');
    expect(spring).toEqual([
      '2026-03-28T00:00:00+01:00',
      '2026-03-29T00:00:00+01:00',
      '2026-03-30T00:00:00+02:00',
      '2026-03-31T00:00:00+02:00',
    ]);
    expect(hoursBetween(spring)).toEqual([24, 23, 24]);
    const autumn = startsOf('America/New_York', 'day', '2026-10-31T12:00:00Z', '2026-11-03T12:00Z');
    expect(hoursBetween(autumn)).toEqual([24, 25, 24]);
  });

  it('tells the two hours of the same name apart', () => {
    expect(
      startsOf('Europe/Paris', 'hour', '2026-10-25T00:00:00Z', '2026-10-25T03:00:00Z'),
    ).toEqual([
      '2026-10-25T02:00:00+02:00',
      '2026-10-25T02:00:00+01:00',
      '2026-10-25T03:00:00+01:00',
    ]);
  });

  it('has no hour that clocks leap over', () => {
    expect(
      startsOf('Europe/Paris', 'hour', '2026-03-29T00:00:00Z', '2026-03-29T02:00:00Z'),
    ).toEqual(['2026-03-29T01:00:00+01:00', '2026-03-29T03:00:00+02:00']);
  });

  it('follows clocks that change by half an hour', () => {
    expect(
      startsOf('Australia/Lord_Howe', 'hour', '2026-04-04T14:00:00Z', '2026-04-04T16:30:00Z'),
    ).toEqual([
      '2026-04-05T01:00:00+11:00',
      '2026-04-05T01:30:00+10:30',
      '2026-04-05T02:00:00+10:30',
    ]);
    expect(
      startsOf('Australia/Lord_Howe', 'hour', '2026-10-03T15:00:00Z', '2026-10-03T16:30:00Z'),
    ).toEqual([
      '2026-10-04T01:00:00+10:30',
      '2026-10-04T02:30:00+11:00',
      '2026-10-04T03:00:00+11:00',
    ]);
    const zone = zoneOf('Australia/Lord_Howe');
    const inTheSecondHalfHour = Date.parse('2026-04-05T01:45:00+10:30');
    expect(zone.toString(zone.startOf('hour', inTheSecondHalfHour))).toBe(
      '2026-04-05T01:30:00+10:30',
    );
    const days = startsOf('Australia/Lord_Howe', 'day', '2026-04-04T12:00Z', '2026-04-06T12:00Z');
    expect(hoursBetween(days)).toEqual([24, 24.5]);
  });

  it.each([
    ['Asia/Kathmandu', '2026-06-01T00:00:00+05:45'],
    ['America/St_Johns', '2026-06-01T00:00:00-02:30'],
    ['Pacific/Chatham', '2026-06-01T00:00:00+12:45'],
    ['Pacific/Kiritimati', '2026-06-01T00:00:00+14:00'],
    ['UTC', '2026-06-01T00:00:00Z'],
  ])('begins the day in %s at %s', (name, start) => {
    const zone = zoneOf(name);
    const time = Date.parse(start);
    expect(zone.toString(zone.startOf('day', time + 60_000))).toBe(start);
    expect(zone.startOf('day', time)).toBe(time);
    expect(zone.startOf('day', time - 1)).toBe(time - 86_400_000);
    expect(zone.startOf('hour', time + 1_000)).toBe(time);
  });

  it('begins the day later where midnight is leapt over', () => {
    const starts = startsOf('Africa/Cairo', 'day', '2026-04-23T12:00Z', '2026-04-25T12:00Z');
    expect(starts).toEqual([
      '2026-04-23T00:00:00+02:00',
      '2026-04-24T01:00:00+03:00',
      '2026-04-25T00:00:00+03:00',
    ]);
  });

  it('begins the day at the first of two midnights', () => {
    const starts = startsOf('America/Havana', 'day', '2026-10-31T12:00Z', '2026-11-02T12:00Z');
    expect(starts[1]).toBe('2026-11-01T00:00:00-04:00');
    expect(hoursBetween(starts)).toEqual([24, 25]);
  });

  it('follows the months of Ramadan in Morocco', () => {
    const days = startsOf('Africa/Casablanca', 'day', '2026-02-14T12:00Z', '2026-03-23T12:00Z');
    const lengths = hoursBetween(days);
    expect(lengths.filter((hours) => hours === 25)).toHaveLength(1);
    expect(lengths.filter((hours) => hours === 23)).toHaveLength(1);
    expect(lengths.filter((hours) => hours === 24)).toHaveLength(lengths.length - 2);
  });

  it('leaves out a day that never was', () => {
    expect(startsOf('Pacific/Apia', 'day', '2011-12-29T12:00Z', '2011-12-31T12:00Z')).toEqual([
      '2011-12-29T00:00:00-10:00',
      '2011-12-31T00:00:00+14:00',
      '2012-01-01T00:00:00+14:00',
    ]);
  });

  it('begins weeks on Monday, and months on their first day', () => {
    expect(startsOf('Europe/Paris', 'week', '2026-03-29T10:00Z', '2026-04-06T10:00Z')).toEqual([
      '2026-03-23T00:00:00+01:00',
      '2026-03-30T00:00:00+02:00',
      '2026-04-06T00:00:00+02:00',
    ]);
    expect(startsOf('Europe/Paris', 'month', '2025-12-31T23:30Z', '2026-04-01T00:00Z')).toEqual([
      '2026-01-01T00:00:00+01:00',
      '2026-02-01T00:00:00+01:00',
      '2026-03-01T00:00:00+01:00',
      '2026-04-01T00:00:00+02:00',
    ]);
  });

  it('has days that follow each other, in every zone there is', () => {
    const range = { from: Date.parse('2023-01-01'), to: Date.parse('2024-01-01') };
    for (const name of Intl.supportedValuesOf('timeZone')) {
      const starts = bucketStarts(range, 'day', zoneOf(name));
      const hours = starts.slice(1).map((start, index) => (start - starts[index]!) / 3.6e6);
      // Antarctica/Casey once changed its clocks by three hours.
      const strange = hours.filter((length) => length < 21 || length > 27);
      const odd = starts.filter((start) => start % 900_000 !== 0);
      expect({ name, strange, odd }).toEqual({ name, strange: [], odd: [] });
    }
  });
});
