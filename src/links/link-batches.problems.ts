import { type FieldError, ProblemError } from '../common/problem/problem.error.js';
import { MAX_ERRORS } from '../common/problem/request-limits.js';
import type { LinkOperation } from './links.types.js';

/** The problem with other pointers, wherever it has any. */
export function pointed(problem: ProblemError, to: (pointer: string) => string): ProblemError {
  const { code, detail, headers, errors, cause } = problem;
  const moved = errors?.map((error) => ({ ...error, pointer: to(error.pointer) }));
  return new ProblemError(code, { detail, headers, errors: moved, cause });
}

/** The problem of an operation, with pointers into the batch. What was refused before has got them. */
export function locatedIn(
  operation: LinkOperation | ProblemError,
  index: number,
  problem: ProblemError,
): ProblemError {
  if (operation instanceof ProblemError) return problem;
  const here = `/operations/${index}`;
  const sent = 'link' in operation ? operation.link : 'changes' in operation && operation.changes;
  return pointed(problem, (pointer) => {
    const isOfLink = Object.hasOwn(sent || {}, pointer.slice(1));
    if (pointer === '/externalId' && !isOfLink) return `${here}/externalId`;
    if (pointer === '/workspaceId' && !isOfLink) return '/workspaceId';
    return `${here}/link${pointer}`;
  });
}

/** All that is wrong with a batch of which nothing was done. */
export function batchRefused(outcomes: readonly unknown[]): ProblemError {
  const refused = [...outcomes.entries()].flatMap(([index, outcome]) =>
    outcome instanceof ProblemError ? [{ index, outcome }] : [],
  );
  const errors = refused.flatMap(({ index, outcome }): FieldError[] => {
    const { code, detail } = outcome;
    return outcome.errors ?? [{ pointer: `/operations/${index}`, code, detail }];
  });
  const many = refused.length === 1 ? 'One operation was' : `${refused.length} operations were`;
  const more = errors.length > MAX_ERRORS ? ` for ${MAX_ERRORS} of ${errors.length} reasons` : '';
  return new ProblemError('batch-refused', {
    detail: `${many} refused, so nothing was done; see errors${more}.`,
    errors: errors.slice(0, MAX_ERRORS),
  });
}
