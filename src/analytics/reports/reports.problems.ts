import { ProblemError } from '../../common/problem/problem.error.js';

/** Parameters of the query that are wrong, together. */
export function invalidQuery(names: string[], expected: string): ProblemError {
  const detail = `${names.join(' and ')} ${expected}`;
  return new ProblemError('invalid-request', {
    detail: `${detail}.`,
    errors: names.map((name) => ({ pointer: `?${name}`, code: 'invalid', detail })),
  });
}

export const workspaceNotFound = (): ProblemError =>
  new ProblemError('not-found', {
    detail: 'There is no such workspace, or you are not a member of it.',
  });
