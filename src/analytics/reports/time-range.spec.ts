import { describe, expect, it } from '@jest/globals';
import type { Interval } from './reports.types.js';
import {
  bucketStarts,
  InvalidRange,
  isDateOrTimestamp,
  isEarlier,
  resolveRange,
} from './time-range.js';
import { TimeZone } from './time-zone.js';

const NOW = Date.parse('2026-11-23T09:41:12.345Z');

function resolve(period: {
  from?: string;
  to?: string;
  interval?: Interval;
  timezone?: string;
}): string[] {
  const zone = TimeZone.find(period.timezone ?? 'UTC')!;
  const { from, to } = resolveRange({ interval: 'day', ...period }, zone, NOW);
  return [zone.toString(from), zone.toString(to)];
}

describe('the time range of a report', () => {
  it('is the last 30 days of the time zone, today included, if nothing is asked for', () => {
    expect(resolve({})).toEqual(['2026-10-25T00:00:00Z', '2026-11-24T00:00:00Z']);
    const tokyo = resolve({ timezone: 'Asia/Tokyo' });
    expect(tokyo).toEqual(['2026-10-25T00:00:00+09:00', '2026-11-24T00:00:00+09:00']);
    const zone = TimeZone.find('Europe/Paris')!;
    const range = resolveRange({ interval: 'day' }, zone, NOW);
    expect(bucketStarts(range, 'day', zone)).toHaveLength(30);
  });

  it('takes dates for whole days of the time zone, the last one included', () => {
    expect(resolve({ from: '2026-03-29', to: '2026-03-29', timezone: 'Europe/Paris' })).toEqual([
      '2026-03-29T00:00:00+01:00',
      '2026-03-30T00:00:00+02:00',
    ]);
  });

  it('takes times with any offset', () => {
    expect(resolve({ from: '2026-03-29T02:00:00+02:00', to: '2026-03-29T01:00:00Z' })).toEqual([
      '2026-03-29T00:00:00Z',
      '2026-03-29T01:00:00Z',
    ]);
  });

  it('ends today or begins 30 days before its end if only one of them is given', () => {
    expect(resolve({ from: '2026-11-01' })).toEqual([
      '2026-11-01T00:00:00Z',
      '2026-11-24T00:00:00Z',
    ]);
    expect(resolve({ to: '2026-10-31' })).toEqual(['2026-10-02T00:00:00Z', '2026-11-01T00:00:00Z']);
  });

  it('is widened to whole quarters of an hour', () => {
    expect(resolve({ from: '2026-11-01T10:14:59.999Z', to: '2026-11-01T10:15:00.001Z' })).toEqual([
      '2026-11-01T10:00:00Z',
      '2026-11-01T10:30:00Z',
    ]);
  });

  it('ends before the year 10000 of its time zone, which RFC 3339 cannot say', () => {
    const day = { from: '9999-12-31', to: '9999-12-31' };
    const lastSeconds = { from: '9999-12-31T23:59:58Z', to: '9999-12-31T23:59:59Z' };
    expect(resolve(day)).toEqual(['9999-12-31T00:00:00Z', '9999-12-31T23:45:00Z']);
    expect(resolve(lastSeconds)).toEqual(['9999-12-31T23:30:00Z', '9999-12-31T23:45:00Z']);
    const tokyo = (time: string) => `9999-12-31T${time}+09:00`;
    expect(resolve({ ...day, timezone: 'Asia/Tokyo' })).toEqual([
      tokyo('00:00:00'),
      tokyo('23:45:00'),
    ]);
    expect(resolve({ ...lastSeconds, timezone: 'Asia/Tokyo' })).toEqual([
      tokyo('23:30:00'),
      tokyo('23:45:00'),
    ]);
    const newYork = resolve({ to: '9999-12-31', timezone: 'America/New_York' });
    expect(newYork).toEqual(['9999-12-02T00:00:00-05:00', '9999-12-31T23:45:00-05:00']);
  });

  it('is empty in its time zone, or in every one if that is not known', () => {
    const [tokyo, unknown] = [TimeZone.find('Asia/Tokyo'), undefined];
    const [date, time] = ['2026-02-02', '2026-02-01T16:00:00Z'];
    expect(isEarlier(date, date, tokyo)).toBe(true);
    expect(isEarlier(date, date, unknown)).toBe(true);
    expect(isEarlier(date, '2026-02-01', unknown)).toBe(false);
    expect(isEarlier(time, time, unknown)).toBe(false);
    expect(isEarlier(date, time, tokyo)).toBe(true);
    expect(isEarlier(date, time, TimeZone.find('UTC'))).toBe(false);
    expect(isEarlier(date, time, unknown)).toBe(true);
    expect(isEarlier('2026-02-03', time, unknown)).toBe(false);
  });

  it.each([
    ['ends before it begins', { from: '2026-11-02', to: '2026-11-01' }, /earlier/],
    ['is empty', { from: '2026-11-01T00:00:00Z', to: '2026-11-01T00:00:00Z' }, /earlier/],
    ['begins in the future', { from: '2027-01-01' }, /earlier/],
    ['has too many hours', { from: '2026-10-01', interval: 'hour' as const }, /1,000 hours/],
    ['has too many years', { from: '2021-11-01' }, /5 years/],
  ])('is refused if it %s', (_name, period, message) => {
    expect(() => resolve(period)).toThrow(InvalidRange);
    expect(() => resolve(period)).toThrow(message);
  });

  it('may be five whole years long, and a thousand hours at interval hour', () => {
    expect(resolve({ from: '2020-01-01', to: '2024-12-31' })).toHaveLength(2);
    const hours = { from: '2026-01-01T00:00:00Z', to: '2026-02-11T16:00:00Z' };
    expect(resolve({ ...hours, interval: 'hour' })).toHaveLength(2);
  });

  it('knows dates and times from anything else', () => {
    for (const text of ['2026-02-28', '2024-02-29', '2026-02-28T23:59:59.5+05:45']) {
      expect([text, isDateOrTimestamp(text)]).toEqual([text, true]);
    }
    for (const text of ['', '2026-02-29', '2026-2-1', '20260201', 'today', '2026-02-01T10:00']) {
      expect([text, isDateOrTimestamp(text)]).toEqual([text, false]);
    }
  });
});
