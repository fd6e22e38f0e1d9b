import { ProblemError } from '../common/problem/problem.error.js';
import { rolesFor } from './permissions.js';
import type { Action, KeyMembership, Membership } from './workspaces.types.js';

/** Absent and foreign look the same. @param pointer where the request names the workspace, if not by its path */
export const workspaceNotFound = (pointer?: string): ProblemError =>
  new ProblemError('not-found', {
    detail: 'There is no such workspace, or you are not a member of it.',
    ...(pointer !== undefined && {
      errors: [{ pointer, code: 'unknown', detail: 'is not a workspace of yours' }],
    }),
  });

export const notAllowed = (place: Membership | KeyMembership, action: Action): ProblemError =>
  new ProblemError('forbidden', {
    detail:
      place.userId === null
        ? `The API key may not do this: it needs the scope ${action}.`
        : `In this workspace you are ${place.role}. This is for: ${rolesFor(action).join(', ')}.`,
  });

export const workspaceChanged = (): ProblemError =>
  new ProblemError('precondition-failed', {
    detail: 'The workspace has changed since you read it. Read it again and repeat your change.',
  });

export const tooManyWorkspaces = (limit: number): ProblemError =>
  new ProblemError('workspace-limit-reached', {
    detail: `Whoever owns ${limit} workspaces cannot make another one.`,
  });

export const lastWorkspace = (): ProblemError =>
  new ProblemError('last-workspace', {
    detail: 'You own no other workspace. Make one first: your links need a place.',
  });

export const transferToItself = (): ProblemError =>
  new ProblemError('invalid-request', {
    detail: 'transferTo must be another workspace.',
    errors: [{ pointer: '?transferTo', code: 'invalid', detail: 'must be another workspace' }],
  });

export const memberNotFound = (): ProblemError =>
  new ProblemError('not-found', { detail: 'The workspace has no such member.' });

export const accountNotFound = (): ProblemError =>
  new ProblemError('account-not-found', {
    detail:
      'There is no account with this e-mail address. Make an invitation instead, and pass its link on: ' +
      'POST /api/v1/workspaces/{id}/invitations.',
    errors: [{ pointer: '/email', code: 'unknown', detail: 'has no account here' }],
  });

export const alreadyMember = (): ProblemError =>
  new ProblemError('already-member', {
    detail: 'They are a member of this workspace already. An owner can change their role.',
  });

export const tooManyMembers = (limit: number): ProblemError =>
  new ProblemError('member-limit-reached', {
    detail: `A workspace has at most ${limit} members.`,
  });

export const tooManyInvitations = (limit: number): ProblemError =>
  new ProblemError('invitation-limit-reached', {
    detail: `A workspace has at most ${limit} invitations that can still be accepted. Revoke some.`,
  });

export const lastOwner = (): ProblemError =>
  new ProblemError('last-owner', {
    detail:
      'There is no other owner who can act. Make another member owner first, or delete the workspace.',
  });

export const invitationNotFound = (): ProblemError =>
  new ProblemError('not-found', { detail: 'The workspace has no such invitation.' });

/** Whatever the reason: nobody learns which invitations there were. */
export const invitationInvalid = (): ProblemError =>
  new ProblemError('not-found', {
    detail: 'This invitation is not valid: it has been used or revoked, or has expired.',
  });

export const invitationOfAnother = (): ProblemError =>
  new ProblemError('forbidden', {
    detail: 'This invitation is for another e-mail address. Log in with the account that has it.',
  });
