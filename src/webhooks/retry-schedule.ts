const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How long to wait after each try that failed, as Standard Webhooks says; the first try is made at once. */
const DELAYS_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** Deliveries that failed together should not be tried again together. */
const JITTER = 0.1;
const LONGEST_WAIT_MS = 24 * HOUR_MS;

/**
 * How long to wait before the next try, or null if there is none.
 * @param tries so many have failed
 * @param retryAfter the header of the answer: a receiver may ask for more time, up to a day
 * @param now Unix milliseconds
 * @param random 0 to 1
 */
export function retryDelay(
  tries: number,
  retryAfter: string | undefined,
  now: number,
  random: number,
): number | null {
  const delay = DELAYS_MS[tries - 1];
  if (delay === undefined) return null;
  const wanted = Math.min(waitOf(retryAfter, now), LONGEST_WAIT_MS);
  return Math.round(Math.max(delay, wanted) * (1 + JITTER * random));
}

/** Seconds or a date (RFC 9110, section 10.2.3); 0 for anything else. */
function waitOf(retryAfter: string | undefined, now: number): number {
  const text = retryAfter?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * SECOND_MS;
  const time = /^[A-Z][a-z]{2}, \d{2} /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? 0 : Math.max(0, time - now);
}
