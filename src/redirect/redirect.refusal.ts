import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from '../common/problem/problem.error.js';
import { sendProblem } from '../common/problem/problem.filter.js';
import { databaseUnavailable } from '../database/database.service.js';

export type Refusal = 'not_found' | 'gone' | 'disabled' | 'blocked' | 'limited' | 'unavailable';

const RETRY_AFTER_SECONDS = '2';

/** Answers a short link that does not redirect: a person gets a page, a program a problem. */
export function refuse(
  refusal: Refusal,
  request: FastifyRequest,
  reply: FastifyReply,
  cause?: unknown,
): void {
  const problem = problemOf(refusal, cause);
  void reply.header('x-request-id', request.id);
  sendProblem(problem, request, reply);
}

function problemOf(refusal: Refusal, cause: unknown): ProblemError {
  if (refusal === 'not_found') {
    return new ProblemError('link-not-found', {
      detail: 'There is no short link at this address.',
    });
  }
  if (refusal === 'gone') {
    return new ProblemError('link-gone', {
      detail: 'This short link has expired, was deleted, or has been used as often as it may be.',
    });
  }
  // Why it was done is for the workspace and administrators: it may name people.
  if (refusal === 'disabled') {
    return new ProblemError('link-disabled', {
      detail: 'An administrator of this service has disabled this short link.',
    });
  }
  if (refusal === 'blocked') {
    return new ProblemError('link-blocked', {
      detail: 'This short link leads to a host that is blocked on this service.',
    });
  }
  if (refusal === 'limited') return cause as ProblemError;
  const problem = databaseUnavailable(cause);
  problem.headers['retry-after'] = RETRY_AFTER_SECONDS;
  return problem;
}
