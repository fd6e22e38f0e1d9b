/**
 * Every problem the API can answer with: its stable code, HTTP status and title (RFC 9457).
 * The filter, the OpenAPI document and the docs are all made from this one table. A problem that others
 * have named before has their type.
 */
export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request is invalid' },
  'malformed-json': { status: 400, title: 'The body is not valid JSON' },
  unauthenticated: { status: 401, title: 'Authentication is required' },
  'invalid-credentials': { status: 401, title: 'The e-mail address or the password is wrong' },
  'password-required': { status: 401, title: 'The short link has a password' },
  'invalid-refresh-token': { status: 401, title: 'The refresh token is invalid or expired' },
  forbidden: { status: 403, title: 'You may not do this' },
  'wrong-link-password': { status: 403, title: 'The password of the short link is wrong' },
  'setup-token-required': { status: 403, title: 'The first account needs the setup token' },
  'registration-closed': { status: 403, title: 'Registration is closed' },
  'link-limit-reached': { status: 403, title: 'The workspace has as many links as it may' },
  'workspace-limit-reached': { status: 403, title: 'You own as many workspaces as you may' },
  'member-limit-reached': { status: 403, title: 'The workspace has as many members as it may' },
  'invitation-limit-reached': {
    status: 403,
    title: 'The workspace has as many open invitations as it may',
  },
  'domain-limit-reached': { status: 403, title: 'The workspace has as many domains as it may' },
  'api-key-limit-reached': { status: 403, title: 'The workspace has as many API keys as it may' },
  'webhook-limit-reached': { status: 403, title: 'The workspace has as many webhooks as it may' },
  'not-found': { status: 404, title: 'Not found' },
  'link-not-found': { status: 404, title: 'There is no such link' },
  'link-version-unknown': { status: 404, title: 'This version of the link is not known' },
  'account-not-found': { status: 404, title: 'There is no account with this e-mail address' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  'code-taken': { status: 409, title: 'The short code is taken' },
  'external-id-taken': { status: 409, title: 'Another link of the workspace has the external id' },
  'domain-taken': { status: 409, title: 'The domain is taken' },
  'domain-in-use': { status: 409, title: 'The domain still has links' },
  'domain-not-verified': { status: 409, title: 'The DNS record of the domain was not found' },
  'domain-elsewhere': { status: 409, title: 'The workspace does not have the domain of the link' },
  'email-taken': { status: 409, title: 'The e-mail address is taken' },
  'last-owner': { status: 409, title: 'The workspace needs an owner' },
  'last-administrator': { status: 409, title: 'There must be an administrator' },
  'last-workspace': { status: 409, title: 'It is the only workspace that you own' },
  'already-member': { status: 409, title: 'The user is a member already' },
  'workspace-not-empty': { status: 409, title: 'The workspace still has links' },
  'import-limit-reached': {
    status: 409,
    title: 'The workspace has as many imports under way as it may',
  },
  'idempotency-in-progress': {
    status: 409,
    title: 'A request with this Idempotency-Key is still running',
  },
  'webhook-disabled': { status: 409, title: 'The webhook is disabled' },
  'events-gone': { status: 410, title: 'These events are not kept any more' },
  'link-gone': { status: 410, title: 'The link is no longer available' },
  'link-switched-off': { status: 410, title: 'The link was switched off by its owner' },
  'link-disabled': { status: 410, title: 'The link was disabled by an administrator' },
  'link-blocked': { status: 410, title: 'The link leads to a host that is blocked here' },
  'precondition-failed': { status: 412, title: 'The resource has changed since it was read' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'uri-too-long': { status: 414, title: 'The URL is too long' },
  'unsupported-media-type': { status: 415, title: 'The type of the body is not supported' },
  'code-fixed': { status: 422, title: 'The code of a link never changes' },
  'batch-refused': { status: 422, title: 'An operation was refused, so nothing was done' },
  'wrong-password': { status: 422, title: 'The password is wrong' },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
  },
  'idempotency-answer-not-kept': {
    status: 422,
    title: 'The answer to the first request with this Idempotency-Key was too large to keep',
  },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'quota-exceeded': {
    status: 429,
    title: 'You have used up a quota',
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
  },
  'idempotency-quota-exceeded': {
    status: 429,
    title: 'Too much is stored for your Idempotency-Keys',
  },
  'headers-too-large': { status: 431, title: 'The request headers are too large' },
  'internal-error': { status: 500, title: 'Something went wrong on our side' },
  'database-unavailable': { status: 503, title: 'The database cannot be reached right now' },
  'not-ready': { status: 503, title: 'The service is not ready' },
} as const satisfies Record<string, { status: number; title: string; type?: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** The URI that identifies a problem; stable, so clients may switch on it. */
export function problemType(code: ProblemCode): string {
  const problem: { title: string; type?: string } = PROBLEMS[code];
  return problem.type ?? `https://signpost.dev/problems/${code}`;
}
