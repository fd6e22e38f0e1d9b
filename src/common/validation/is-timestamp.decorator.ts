import { ValidateBy, type ValidationOptions } from 'class-validator';

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** A point in time with its offset from UTC (RFC 3339 §5.6), from 1970 on, on a day that exists. */
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
  if (!parts || Number.isNaN(Date.parse(text))) return false;
  const [year, month, day] = parts.slice(1, 4).map(Number) as [number, number, number];
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return year >= 1970 && day <= daysInMonth;
}
