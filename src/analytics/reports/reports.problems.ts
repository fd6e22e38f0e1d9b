import { ProblemError } from '../../common/problem/problem.error.js';

/** Parameters of the query that are wrong, together. */
export function invalidQuery(names: string[], expected: string): ProblemError {
  const detail = `${names.join(' and ')} ${expected}`;
  return new ProblemError('invalid-request', {
    detail: `${detail}.`,
    errors: names.map((name) => ({ pointer: `?${name}`, code: 'invalid', detail })),
  });
}
