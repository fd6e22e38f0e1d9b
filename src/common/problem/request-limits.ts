import { ProblemError } from './problem.error.js';

/**
 * Values of one request: members of objects and elements of lists, or query parameters. Several
 * times what any request of the API needs; to validate that many takes some two milliseconds.
 */
export const MAX_VALUES = 200;

/** Wrong fields that an answer names; who has more of them wrong is told how many. */
export const MAX_ERRORS = 20;

/** Longer than any name the API knows. */
const MAX_NAME_LENGTH = 64;

/** The refusal of a request with more than `max` values, before any of them is looked at. */
export function tooManyValues(pointer: '' | '?', max: number): ProblemError {
  const what = pointer === '' ? 'members and elements in the body' : 'query parameters';
  const detail = `There must be at most ${max} ${what}.`;
  return new ProblemError('invalid-request', {
    detail,
    errors: [{ pointer, code: 'too-many', detail }],
  });
}

/** A name that a client sent, short enough to be sent back. */
export const shortName = (name: string): string =>
  name.length <= MAX_NAME_LENGTH ? name : `${name.slice(0, MAX_NAME_LENGTH).toWellFormed()}…`;
