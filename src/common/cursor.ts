import { ProblemError } from './problem/problem.error.js';

/** Its form, for the OpenAPI document: 16 bytes in base64url. */
export const CURSOR_PATTERN = '^[A-Za-z0-9_-]{21}[AQgw]$';

/** An opaque cursor that stands for "after this id". */
export const encodeCursor = (id: string): string =>
  Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');

/** @throws ProblemError invalid-request if the cursor was not made by `encodeCursor`. */
export function decodeCursor(cursor: string): string {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length !== 16 || bytes.toString('base64url') !== cursor) {
    const detail = 'must be the nextCursor of an earlier answer';
    throw new ProblemError('invalid-request', {
      detail: `cursor ${detail}.`,
      errors: [{ pointer: '?cursor', code: 'invalid', detail }],
    });
  }
  const hex = bytes.toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A page of a list, and the cursor of the next one. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** The page of what was found, which is one more than `limit` if there is a next page. */
export function pageOf<T>(found: T[], limit: number, idOf: (item: T) => string): Page<T> {
  const items = found.slice(0, limit);
  return { items, nextCursor: found.length > limit ? encodeCursor(idOf(items.at(-1)!)) : null };
}
