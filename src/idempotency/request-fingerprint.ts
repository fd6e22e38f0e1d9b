import { createHash } from 'node:crypto';
import { ProblemError } from '../common/problem/problem.error.js';

/** Deeper than any request of the API, and far from the depth that overflows the stack. */
const MAX_DEPTH = 100;

export interface FingerprintedRequest {
  method: string;
  path: string;
  body: unknown;
}

/**
 * Tells whether two requests are the same: method, path and body, whatever the order of the
 * members of its objects. Bodies hold passwords, so it must only be kept encrypted.
 */
export function requestFingerprint({ method, path, body }: FingerprintedRequest): string {
  const text = JSON.stringify([method, path, canonical(body, 0)]);
  return createHash('sha256').update(text).digest('base64url');
}

function canonical(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) throw tooDeep();
  if (Array.isArray(value)) return value.map((item) => canonical(item, depth + 1));
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, item]) => [name, canonical(item, depth + 1)]));
}

function tooDeep(): ProblemError {
  const detail = `The body is nested deeper than ${MAX_DEPTH} levels.`;
  return new ProblemError('invalid-request', {
    detail,
    errors: [{ pointer: '', code: 'too-deep', detail }],
  });
}
