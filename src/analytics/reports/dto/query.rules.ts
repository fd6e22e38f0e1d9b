import { ValidateBy } from 'class-validator';
import { isDateOrTimestamp } from '../time-range.js';
import { TimeZone } from '../time-zone.js';

/** A rule for a text, with what it expects. */
export const Text = (name: string, isRight: (text: string) => boolean, expected: string) =>
  ValidateBy({
    name,
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isRight(value),
      defaultMessage: () => `$property ${expected}`,
    },
  });

export const IsTime = () =>
  Text(
    'isDateOrTimestamp',
    isDateOrTimestamp,
    'must be a date such as 2026-12-31, or a time of RFC 3339 with its offset from UTC',
  );

export const IsTimeZone = () =>
  Text(
    'isTimeZone',
    (name) => TimeZone.find(name) !== undefined,
    'must be an IANA time zone such as Europe/Berlin',
  );

/** Several values with commas between them, or the parameter several times. */
export const toList = ({ value }: { value: unknown }): unknown =>
  [value].flat().flatMap((item) => (typeof item === 'string' ? item.split(',') : [item]));
