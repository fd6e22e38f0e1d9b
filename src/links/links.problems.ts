import { invalidFields } from '../common/problem/invalid-fields.js';
import { ProblemError } from '../common/problem/problem.error.js';
import {
  DomainElsewhere,
  InvalidValidity,
  type LinkChanges,
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

/** Points to what was sent: a start may be too late for the end that the link already has. */
export const refuseValidity =
  ({ expiresAt }: LinkChanges) =>
  (error: unknown): never => {
    if (!(error instanceof InvalidValidity)) throw error;
    throw invalidFields([
      expiresAt === undefined
        ? { pointer: '/startsAt', code: 'invalid', detail: 'must be earlier than expiresAt' }
        : { pointer: '/expiresAt', code: 'invalid', detail: 'must be later than startsAt' },
    ]);
  };

/** For a link that is made. */
export const refuseDomain = (error: unknown): never => {
  if (!(error instanceof DomainElsewhere)) throw error;
  const detail = 'must be a verified domain of the workspace';
  throw invalidFields([{ pointer: '/domain', code: 'unknown', detail }]);
};

/** For a link that moves or comes back. @param pointer to what cannot be done */
export const refuseElsewhere =
  (pointer: string) =>
  (error: unknown): never => {
    if (!(error instanceof DomainElsewhere)) throw error;
    const detail = 'must be a workspace that has the domain of the link';
    throw new ProblemError('domain-elsewhere', {
      detail: 'The link is on a domain that the workspace does not have, or not any more.',
      errors: [{ pointer, code: 'domain-elsewhere', detail }],
    });
  };

/** Says so also to those who wonder why deleting did not help. */
export const refuseLimit =
  (limit: number) =>
  (error: unknown): never => {
    if (!(error instanceof TooManyLinks)) throw error;
    throw new ProblemError('link-limit-reached', {
      detail: `A workspace may have ${limit} links. Deleted ones count, since their codes stay taken.`,
    });
  };

/** As if it had been deleted before the request came. */
export const refuseGone = (error: unknown): never => {
  if (!(error instanceof WorkspaceGone)) throw error;
  throw new ProblemError('not-found', {
    detail: 'There is no such workspace, or you are not a member of it.',
    errors: [{ pointer: '/workspaceId', code: 'unknown', detail: 'is not a workspace of yours' }],
  });
};
