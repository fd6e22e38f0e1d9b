const SECRET_KEY =
  /^(authorization|proxy-authorization|cookie|set-cookie|database_?url|.*(password|passwd|secrets?|token|api-?key)(hash)?)$/i;
/**
 * user:password@ of any URL, such as postgres://app:hunter2@db/signpost. Its parts are bounded, as a client may
 * send a text that begins one again and again.
 */
const URL_CREDENTIALS = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@:]{0,100}:\S{0,300}@/gi;
/** What follows Bearer, and JSON Web Tokens wherever they stand, whole or cut off. */
const BEARER = /\b(Bearer(?:\s|%20)+)[A-Za-z0-9._~+/-]+=*/gi;
const JWT = /\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*/g;
/**
 * Refresh tokens, invitations and API keys, which have a prefix so that they can be recognised; whole, cut off
 * or as they stand in a URL.
 */
const OWN_TOKENS = /(?:sp[ir]|sgp)(?:_|%5f)[A-Za-z0-9_%-]{8,}/gi;
const HIDDEN = '[redacted]';
const MAX_DEPTH = 6;

/** The text without credentials. */
export const redactText = (text: string): string =>
  text
    .replace(URL_CREDENTIALS, `$1${HIDDEN}@`)
    .replace(JWT, HIDDEN)
    .replace(OWN_TOKENS, HIDDEN)
    .replace(BEARER, `$1${HIDDEN}`);

/** A copy of the value without secrets, at any depth, safe to write to a log. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth === MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return redactError(value, depth);
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [
      key,
      SECRET_KEY.test(key) && field !== undefined ? HIDDEN : redact(field, depth + 1),
    ]),
  );
}

/** Only what helps to find the cause: drivers hang whole queries with their values on errors. */
function redactError(error: Error & { code?: string | number }, depth: number): object {
  return {
    type: error.name,
    message: redactText(error.message),
    ...(error.code !== undefined && { code: String(error.code) }),
    stack: redactText(error.stack ?? ''),
    ...(error.cause !== undefined && { cause: redact(error.cause, depth + 1) }),
  };
}
