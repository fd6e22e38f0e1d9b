import { ProblemError } from '../common/problem/problem.error.js';
import type { OutboundError } from '../platform/outbound/outbound.error.js';

export const webhookNotFound = (): ProblemError =>
  new ProblemError('not-found', { detail: 'The workspace has no such webhook.' });

export const deliveryNotFound = (): ProblemError =>
  new ProblemError('not-found', {
    detail: 'There is no such delivery of this webhook, or it is not kept any more.',
  });

export const webhookChanged = (): ProblemError =>
  new ProblemError('precondition-failed', {
    detail: 'The webhook has changed since you read it. Read it again and repeat your change.',
  });

export const webhookDisabled = (): ProblemError =>
  new ProblemError('webhook-disabled', {
    detail:
      'The webhook is disabled, and told nothing. Enable it first: PATCH {"disabled": false}.',
  });

export const tooManyWebhooks = (limit: number): ProblemError =>
  new ProblemError('webhook-limit-reached', {
    detail: `A workspace has at most ${limit} webhooks. Delete some.`,
  });

/** The workspace has ended a moment ago. */
export const workspaceGone = (): ProblemError =>
  new ProblemError('not-found', { detail: 'There is no such workspace.' });

export const urlRefused = ({ code, message }: OutboundError): ProblemError =>
  new ProblemError('invalid-request', {
    detail: 'One field is wrong; see errors.',
    errors: [
      {
        pointer: '/url',
        code: code === 'invalid-url' ? 'invalid' : code,
        detail: `url ${message}`,
      },
    ],
  });

export const rangeIsEmpty = (): ProblemError =>
  new ProblemError('invalid-request', {
    detail: 'One field is wrong; see errors.',
    errors: [{ pointer: '/until', code: 'invalid', detail: 'until must be later than from' }],
  });
