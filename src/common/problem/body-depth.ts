import { ProblemError } from './problem.error.js';

/** Deeper than any request of the API, and far from the depth that overflows the stack. */
const MAX_DEPTH = 100;

/** @throws ProblemError invalid-request, if the body is nested so deep that a walk would overflow */
export function insistOnDepth(value: unknown, left = MAX_DEPTH): void {
  if (typeof value !== 'object' || value === null) return;
  if (left === 0) throw tooDeep();
  for (const item of Object.values(value)) insistOnDepth(item, left - 1);
}

function tooDeep(): ProblemError {
  const detail = `The body is nested deeper than ${MAX_DEPTH} levels.`;
  return new ProblemError('invalid-request', {
    detail,
    errors: [{ pointer: '', code: 'too-deep', detail }],
  });
}
