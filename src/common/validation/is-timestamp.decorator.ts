import { ValidateBy, type ValidationOptions } from 'class-validator';

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
/** What a schema cannot say by `format: date-time` alone. */
export const TIMESTAMP_PATTERN = '^(19[7-9]|[2-9][0-9]{2})[0-9]-';
const YEAR_10000 = Date.UTC(10_000, 0);

/** A point in time with its offset from UTC (RFC 3339 §5.6), in the years 1970 to 9999, on a day that exists. */
export const IsTimestamp = (options?: ValidationOptions): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isTimestamp',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && isTimestamp(value),
        defaultMessage: () =>
          '$property must be a time of RFC 3339 such as 2026-12-31T23:59:59Z, with its offset from UTC',
      },
    },
    options,
  );

/** Whether the text is an RFC 3339 timestamp; `Date` alone would turn 31 February into 3 March. */
export function isTimestamp(text: string): boolean {
  const parts = RFC3339.exec(text);
  if (!parts) return false;
  const time = Date.parse(text);
  const [year, month, day] = parts.slice(1, 4).map(Number) as [number, number, number];
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return time >= 0 && time < YEAR_10000 && day <= daysInMonth;
}
