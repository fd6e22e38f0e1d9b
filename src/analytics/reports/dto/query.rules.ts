import { ValidateBy, type ValidationArguments } from 'class-validator';
import { isDateOrTimestamp, isEarlier } from '../time-range.js';
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

const isTime = (value: unknown): value is string =>
  typeof value === 'string' && isDateOrTimestamp(value);

/** For both ends of a period, so that this is said beside all else that is wrong. */
export const BeginsBeforeItEnds = () =>
  ValidateBy({
    name: 'beginsBeforeItEnds',
    validator: {
      validate: (_, { object }: ValidationArguments) => {
        const { from, to, timezone } = object as Record<string, unknown>;
        const zone = typeof timezone === 'string' ? TimeZone.find(timezone) : undefined;
        return !isTime(from) || !isTime(to) || isEarlier(from, to, zone);
      },
      defaultMessage: () => '$property must be such that from is earlier than to',
    },
  });

export const IsTimeZone = () =>
  Text(
    'isTimeZone',
    (name) => TimeZone.find(name) !== undefined,
    'must be an IANA time zone such as Europe/Berlin',
  );

/** More than any list may have: whoever sends so many is refused, and the rest is not looked at. */
const MAX_PARTS = 200;

/** Several values with commas between them, or the parameter several times. */
export const toList = ({ value }: { value: unknown }): unknown =>
  [value]
    .flat()
    .flatMap((item) => (typeof item === 'string' ? item.split(',', MAX_PARTS) : [item]));
