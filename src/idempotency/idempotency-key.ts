import { ProblemError } from '../common/problem/problem.error.js';

const PRINTABLE_ASCII = /^[\x20-\x7e]{1,255}$/;
const QUOTED = /^"((?:[^"\\]|\\["\\])*)"$/;

/**
 * The key in the values of the Idempotency-Key header: 1 to 255 printable ASCII characters, bare
 * or as the quoted string of the IETF draft (RFC 9651 §3.3.3), both meaning the same key.
 * @throws ProblemError invalid-request naming the header.
 */
export function parseIdempotencyKey(values: readonly string[]): string {
  const [value, ...others] = values;
  const key = value === undefined ? undefined : unquote(value);
  if (key === undefined || others.length > 0 || !PRINTABLE_ASCII.test(key)) throw invalidKey();
  return key;
}

function unquote(value: string): string | undefined {
  if (!value.startsWith('"')) return value;
  return QUOTED.exec(value)?.[1]?.replace(/\\(["\\])/g, '$1');
}

function invalidKey(): ProblemError {
  const detail = 'Send one Idempotency-Key of 1 to 255 printable ASCII characters, e.g. a UUID.';
  return new ProblemError('invalid-request', {
    detail,
    errors: [{ pointer: 'Idempotency-Key', code: 'invalid', detail }],
  });
}
