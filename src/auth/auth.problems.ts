import { ProblemError } from '../common/problem/problem.error.js';
import type { Scope } from './auth.types.js';

/** RFC 9110 wants a challenge in every 401; without a token in the request it has no error code. */
const CHALLENGE = { 'www-authenticate': 'Bearer' };

export const missingToken = (): ProblemError =>
  new ProblemError('unauthenticated', {
    detail: 'Send an access token: "Authorization: Bearer <accessToken>".',
    headers: CHALLENGE,
  });

export const invalidToken = (detail = 'The access token is not valid.'): ProblemError =>
  new ProblemError('unauthenticated', {
    detail,
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });

/** One answer for unknown, disabled and wrong, so that nobody learns which addresses have accounts. */
export const invalidCredentials = (): ProblemError =>
  new ProblemError('invalid-credentials', { headers: CHALLENGE });

export const invalidRefreshToken = (): ProblemError =>
  new ProblemError('invalid-refresh-token', {
    detail: 'The refresh token is invalid, expired or revoked. Log in again.',
    headers: CHALLENGE,
  });

export const sessionNotFound = (): ProblemError =>
  new ProblemError('not-found', { detail: 'There is no such session, or it is not yours.' });

/** Not a 401: that would tell clients that their access token is no good. */
export const wrongPassword = (pointer: string): ProblemError =>
  new ProblemError('wrong-password', {
    detail: 'The password is not the current one of your account.',
    errors: [{ pointer, code: 'wrong', detail: 'is not your password' }],
  });

export const setupTokenRequired = (): ProblemError =>
  new ProblemError('setup-token-required', {
    detail:
      'There is no account here yet. Whoever runs this service makes the first one, with the ' +
      'setupToken that is in its log, or with "bin/signpost.js user:create".',
  });

export const registrationClosed = (): ProblemError =>
  new ProblemError('registration-closed', {
    detail: 'New accounts cannot be registered here. Ask an administrator.',
  });

export const firstMustAdminister = (): ProblemError =>
  new ProblemError('forbidden', { detail: 'The first account must be the administrator.' });

export const notAnAddress = (): ProblemError =>
  new ProblemError('invalid-request', { detail: 'The e-mail address is not valid.' });

/**
 * @param objection the end of the sentence "The password …"
 * @param field of the body that has it
 */
export const badPassword = (objection: string, field?: string): ProblemError =>
  new ProblemError('invalid-request', {
    detail: `The password ${objection}.`,
    errors: field
      ? [{ pointer: `/${field}`, code: 'too-common', detail: `${field} ${objection}` }]
      : undefined,
  });

export const emailTaken = (): ProblemError =>
  new ProblemError('email-taken', {
    detail: 'There is already an account with this e-mail address.',
  });

/** @param scope what the route needs; undefined if it is for users alone */
export const scopeMissing = (scope: Scope | undefined): ProblemError =>
  new ProblemError('forbidden', {
    detail: scope
      ? `The API key needs the scope ${scope}.`
      : 'API keys may not do this: log in as a user.',
    // RFC 6750, section 3.1.
    headers: {
      'www-authenticate': `Bearer error="insufficient_scope"${scope ? `, scope="${scope}"` : ''}`,
    },
  });

export const apiKeyNotFound = (): ProblemError =>
  new ProblemError('not-found', { detail: 'The workspace has no such API key.' });

export const expiryInThePast = (): ProblemError =>
  new ProblemError('invalid-request', {
    detail: 'expiresAt must be in the future.',
    errors: [{ pointer: '/expiresAt', code: 'invalid', detail: 'expiresAt must be in the future' }],
  });

/** Deleted a moment ago. */
export const workspaceGone = (): ProblemError =>
  new ProblemError('not-found', {
    detail: 'There is no such workspace, or you are not a member of it.',
  });

export const tooManyApiKeys = (limit: number): ProblemError =>
  new ProblemError('api-key-limit-reached', {
    detail: `A workspace has at most ${limit} API keys that have not expired. Revoke one that is not used.`,
  });
