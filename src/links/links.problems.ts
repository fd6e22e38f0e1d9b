import { invalidFields } from '../common/problem/invalid-fields.js';
import { ProblemError } from '../common/problem/problem.error.js';
import {
  DomainElsewhere,
  ExternalIdTaken,
  InvalidValidity,
  type LinkChanges,
  type NewLink,
  TooManyLinks,
  WorkspaceGone,
} from './links.types.js';

export const linkNotFound = (): ProblemError =>
  new ProblemError('link-not-found', {
    detail: 'There is no such link, or it belongs to a workspace you are not a member of.',
  });

export const codeTaken = (code: string): ProblemError =>
  new ProblemError('code-taken', {
    detail: `The code "${code}" is taken. Choose another one.`,
    errors: [{ pointer: '/code', code: 'taken', detail: 'is taken' }],
  });

/** @param pointer what would have brought the link to its id, if the request names that */
export const externalIdTaken = (pointer?: string): ProblemError =>
  new ProblemError('external-id-taken', {
    detail: 'Another link of the workspace has this external id.',
    errors: pointer === undefined ? undefined : [{ pointer, code: 'taken', detail: 'is taken' }],
  });

/** @param pointer to what cannot be done */
const domainElsewhere = (pointer: string): ProblemError =>
  new ProblemError('domain-elsewhere', {
    detail: 'The link is on a domain that the workspace does not have, or not any more.',
    errors: [
      {
        pointer,
        code: 'domain-elsewhere',
        detail: 'must be a workspace that has the domain of the link',
      },
    ],
  });

/** Throws what the error means to whoever gives all links of a workspace to another one. */
export const refuseTransfer = (error: unknown): never => {
  throw error instanceof ExternalIdTaken ? externalIdTaken('?transferTo') : error;
};

/** Throws what the error means to whoever brings a link back. */
export const refuseRestored = (error: unknown): never => {
  if (error instanceof ExternalIdTaken) throw externalIdTaken();
  throw error instanceof DomainElsewhere ? domainElsewhere(':id') : error;
};

export const versionUnknown = (): ProblemError =>
  new ProblemError('link-version-unknown', {
    detail:
      'The link never had this version, or not all that has changed since is on record any more.',
    errors: [{ pointer: '/version', code: 'unknown', detail: 'is not a version that is known' }],
  });

export const preconditionFailed = (): ProblemError =>
  new ProblemError('precondition-failed', {
    detail: 'The link has changed since you read it. Read it again and repeat your change.',
  });

export const linkExists = (): ProblemError =>
  new ProblemError('precondition-failed', {
    detail: 'There is a link with this external id already.',
  });

export const linkIsAbsent = (): ProblemError =>
  new ProblemError('precondition-failed', { detail: 'There is no link with this external id.' });

export const codeFixed = (code: string): ProblemError =>
  new ProblemError('code-fixed', {
    detail: `The link has the code "${code}". Send this one, or none.`,
    errors: [{ pointer: '/code', code: 'fixed', detail: `must be "${code}" or absent` }],
  });

export const domainFixed = (): ProblemError =>
  new ProblemError('code-fixed', {
    detail: 'The link is on another domain, which never changes.',
    errors: [{ pointer: '/domain', code: 'fixed', detail: 'must be that of the link, or absent' }],
  });

export const workspaceNotEmpty = (links: number): ProblemError =>
  new ProblemError('workspace-not-empty', {
    detail:
      `The workspace has ${links} links, deleted ones included, since their codes stay taken. Name another ` +
      'workspace in transferTo, which gets them.',
  });

export const creatorGone = (): ProblemError =>
  new ProblemError('unauthenticated', {
    detail: 'Your account was deleted.',
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });

/** Says so also to those who wonder why deleting did not help. */
export const linkLimitReached = (limit: number): ProblemError =>
  new ProblemError('link-limit-reached', {
    detail: `A workspace may have ${limit} links. Deleted ones count, since their codes stay taken.`,
  });

export const refuseLimit =
  (limit: number) =>
  (error: unknown): never => {
    throw error instanceof TooManyLinks ? linkLimitReached(limit) : error;
  };

/** As if it had been deleted before the request came. */
export const workspaceGone = (): ProblemError =>
  new ProblemError('not-found', {
    detail: 'There is no such workspace, or you are not a member of it.',
    errors: [{ pointer: '/workspaceId', code: 'unknown', detail: 'is not a workspace of yours' }],
  });

/** Points to what was sent: a start may be too late for the end that the link already has. */
const wrongValidity = ({ expiresAt }: LinkChanges): ProblemError =>
  invalidFields([
    expiresAt === undefined
      ? { pointer: '/startsAt', code: 'invalid', detail: 'must be earlier than expiresAt' }
      : { pointer: '/expiresAt', code: 'invalid', detail: 'must be later than startsAt' },
  ]);

/**
 * Why the database refuses a link or a change of one; undefined of any other error.
 * @param sent what was to be made of it
 */
export function refusalOf(error: unknown, sent: Partial<NewLink>): ProblemError | undefined {
  if (error instanceof InvalidValidity) return wrongValidity(sent);
  if (error instanceof DomainElsewhere) {
    if (sent.domain == null) return domainElsewhere('/workspaceId');
    const detail = 'must be a verified domain of the workspace';
    return invalidFields([{ pointer: '/domain', code: 'unknown', detail }]);
  }
  if (error instanceof WorkspaceGone) return workspaceGone();
  if (!(error instanceof ExternalIdTaken)) return undefined;
  // A link that moves takes its external id along.
  return externalIdTaken(sent.externalId == null ? '/workspaceId' : '/externalId');
}

/** Throws what the error means to whoever sent the link or the change. */
export const refuse =
  (sent: Partial<NewLink>) =>
  (error: unknown): never => {
    throw refusalOf(error, sent) ?? error;
  };
