import { createHash } from 'node:crypto';

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
  const text = JSON.stringify([method, path, canonical(body)]);
  return createHash('sha256').update(text).digest('base64url');
}

function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(canonical);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, item]) => [name, canonical(item)]));
}
