import { ProblemError } from './problem/problem.error.js';

/** What versionsOf takes, for the OpenAPI document: a list of entity tags, or `*`. */
export const IF_MATCH_PATTERN = String.raw`^(\*|(W/)?"[^"]*"(\s*,\s*(W/)?"[^"]*")*)$`;
const IF_MATCH = new RegExp(IF_MATCH_PATTERN);

/** The strong entity tag of a resource's version (RFC 9110 §8.8.3). */
export const etagOf = (version: number): string => `"${version}"`;

/**
 * Whether an If-None-Match header asks that there is nothing yet.
 * @throws ProblemError invalid-request if it is anything but `*`
 */
export function mustBeNew(ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  throw new ProblemError('invalid-request', {
    detail: 'If-None-Match must be *.',
    errors: [{ pointer: 'If-None-Match', code: 'invalid', detail: 'must be *' }],
  });
}

/**
 * The versions an If-Match header names; undefined if the header is absent or `*`. A weak or
 * foreign tag can never match (RFC 9110 §13.1.1), so it names no version.
 * @throws ProblemError invalid-request if the header is no list of entity tags
 */
export function versionsOf(ifMatch: string | undefined): number[] | undefined {
  const header = ifMatch?.trim();
  if (header === undefined || header === '*') return undefined;
  if (!IF_MATCH.test(header)) {
    const detail = 'must be an entity tag in double quotes, a list of them, or *';
    throw new ProblemError('invalid-request', {
      detail: `If-Match ${detail}.`,
      errors: [{ pointer: 'If-Match', code: 'invalid', detail }],
    });
  }
  const tags = header.split(',').map((tag) => tag.trim());
  return tags.flatMap((tag) => (/^"[1-9]\d{0,8}"$/.test(tag) ? [Number(tag.slice(1, -1))] : []));
}
