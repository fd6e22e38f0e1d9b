const TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?)?$/i;

/** What databases and languages write for no time at all. */
const ZERO = /^(0000-00-00|0001-01-01)/;

/** Later ones are written with more digits, and mean nothing that anybody meant. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59);

/**
 * The time in RFC 3339 UTC; null for none, undefined if it cannot be read. Without a zone it is UTC, as
 * services store times; numbers are Unix seconds, or milliseconds if there are too many for seconds.
 */
export function timeOf(value: unknown): string | null | undefined {
  if (value === null || value === undefined) return null;
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '?';
  if (text === '' || text === '0' || ZERO.test(text)) return null;
  const time = /^\d{1,15}$/.test(text) ? fromUnix(Number(text)) : fromText(text);
  return Number.isNaN(time) || time > LAST ? undefined : new Date(time).toISOString();
}

const fromUnix = (number: number): number => (number > 1e11 ? number : number * 1000);

/** By hand: Date.parse takes a time without a zone for local time, and the 31st of February for March. */
function fromText(text: string): number {
  const parts = TIME.exec(text);
  if (!parts) return NaN;
  const [year, month, day, hour, minute, second] = parts
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const millisecond = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  const time = Date.UTC(year!, month! - 1, day, hour, minute, second, millisecond);
  const date = new Date(time);
  const isReal = date.getUTCMonth() === month! - 1 && date.getUTCDate() === day;
  if (!isReal || hour! > 23 || minute! > 59 || second! > 59) return NaN;
  return time - offsetOf(parts[8]);
}

function offsetOf(zone = 'Z'): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
