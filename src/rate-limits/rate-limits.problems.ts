import { ProblemError } from '../common/problem/problem.error.js';
import type { Allowance, PolicyName } from './rate-limits.types.js';

const WHAT: Record<PolicyName, string> = {
  api: 'You have sent more requests than you may',
  login: 'Too many logins to this account have failed from your address',
  'login-address': 'Too many logins have failed from your address',
  'login-account': 'Too many logins to this account have failed',
  registration: 'There were too many registrations from your address',
  'link-password': 'Too many wrong passwords of this link were sent from your address',
  'link-password-address': 'Too many wrong passwords of links were sent from your address',
  'link-password-link': 'Too many wrong passwords of this link were sent',
  'unknown-codes': 'From your address too many short links were tried that do not exist',
};

/** The fields of draft-ietf-httpapi-ratelimit-headers-10. */
export function rateLimitHeaders(allowance: Allowance): Record<string, string> {
  const { policy, quota, windowSeconds, remaining, resetSeconds } = allowance;
  return {
    'ratelimit-policy': `"${policy}";q=${quota};w=${windowSeconds}`,
    ratelimit: `"${policy}";r=${remaining};t=${resetSeconds}`,
  };
}

export const quotaExceeded = (allowance: Allowance): ProblemError =>
  new ProblemError('quota-exceeded', {
    detail: `${WHAT[allowance.policy]}. Try again in ${allowance.resetSeconds} seconds.`,
    violatedPolicies: [allowance.policy],
    headers: {
      'retry-after': String(allowance.resetSeconds),
      ...rateLimitHeaders(allowance),
    },
  });
