import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { ServerConfig } from '../../config/server.config.js';
import { AuditService } from '../audit/audit.service.js';
import type { AuditChanges } from '../audit/audit.types.js';
import type { AuthenticatedUser } from '../auth/auth.types.js';
import { Clock } from '../common/clock.js';
import { decodeCursor, type Page, pageOf } from '../common/cursor.js';
import { accountAddress } from '../common/email-address.js';
import { uuidv7 } from '../common/uuid.js';
import { WORKSPACE_LIMITS } from '../common/workspace-limits.js';
import { DatabaseService } from '../platform/database/database.service.js';
import type { InvitationEntity } from './invitation.entity.js';
import { invitationTokenHash, newInvitationToken } from './invitation-token.js';
import { InvitationsRepository } from './invitations.repository.js';
import { MembersService } from './members.service.js';
import {
  invitationInvalid,
  invitationNotFound,
  invitationOfAnother,
  tooManyInvitations,
} from './workspaces.problems.js';
import { WorkspacesRepository } from './workspaces.repository.js';
import { WorkspacesService } from './workspaces.service.js';
import type {
  Invitation,
  NewInvitation,
  PageRequest,
  Workspace,
  WorkspaceRole,
} from './workspaces.types.js';

const LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

/** Links that an owner passes on, each of which makes one person a member. */
@Injectable()
export class InvitationsService {
  constructor(
    private readonly invitations: InvitationsRepository,
    private readonly members: MembersService,
    private readonly repository: WorkspacesRepository,
    private readonly workspaces: WorkspacesService,
    private readonly database: DatabaseService,
    private readonly clock: Clock,
    private readonly server: ServerConfig,
    private readonly audit: AuditService,
  ) {}

  /**
   * Makes an invitation that can be accepted once within seven days.
   * @param email the only address that may accept it; anybody's, if absent
   * @throws ProblemError invitation-limit-reached, not-found, forbidden
   */
  async create(
    callerId: string,
    workspaceId: string,
    { email, role }: { email?: string; role: WorkspaceRole },
  ): Promise<NewInvitation> {
    const now = this.clock.now();
    const token = newInvitationToken();
    const invitation: InvitationEntity = {
      id: uuidv7(now),
      workspaceId,
      email: email === undefined ? null : accountAddress(email),
      role,
      tokenHash: invitationTokenHash(token)!,
      createdBy: callerId,
      createdAt: new Date(now),
      expiresAt: new Date(now + LIFETIME_MS),
    };
    await this.database.transaction(async () => {
      await this.repository.lock(workspaceId);
      // Asked again behind the lock: the role may have been taken away a moment ago.
      await this.workspaces.require(callerId, workspaceId, 'members:write');
      await this.invitations.add(invitation);
      const most = WORKSPACE_LIMITS.invitations;
      // The transaction takes back what is one too many.
      const open = await this.invitations.countOpen(workspaceId, invitation.createdAt);
      if (open > most) throw tooManyInvitations(most);
      const changes = { role: { from: null, to: role } };
      await this.record(workspaceId, 'invitation.created', invitation.id, changes);
    });
    const url = `${this.server.publicUrl}/api/v1/invitations/${token}/accept`;
    return { ...present(invitation), token, url };
  }

  /**
   * Those that can still be accepted, the newest first.
   * @throws ProblemError invalid-request (cursor)
   */
  async list(workspaceId: string, { limit, cursor }: PageRequest): Promise<Page<Invitation>> {
    const beforeId = cursor === undefined ? undefined : decodeCursor(cursor);
    const found = await this.invitations.findPage(workspaceId, this.now(), limit + 1, beforeId);
    return pageOf(found.map(present), limit, ({ id }) => id);
  }

  /** @throws ProblemError not-found */
  async get(workspaceId: string, id: string): Promise<Invitation> {
    const found = isUUID(id) ? await this.invitations.find(workspaceId, id, this.now()) : undefined;
    if (!found) throw invitationNotFound();
    return present(found);
  }

  /** From now on nobody can accept it. @throws ProblemError not-found */
  async revoke(workspaceId: string, id: string): Promise<void> {
    await this.get(workspaceId, id);
    await this.database.transaction(async () => {
      if (!(await this.invitations.delete(workspaceId, id))) throw invitationNotFound();
      await this.record(workspaceId, 'invitation.revoked', id);
    });
  }

  /**
   * Makes the user a member. Of those who accept an invitation at once, one does.
   * @throws ProblemError not-found, forbidden, already-member, member-limit-reached; the invitation stays good
   *   then
   */
  async accept(user: AuthenticatedUser, token: string): Promise<Workspace> {
    const tokenHash = invitationTokenHash(token);
    if (!tokenHash) throw invitationInvalid();
    const found = await this.invitations.findByToken(tokenHash, this.now());
    if (!found) throw invitationInvalid();
    const { id, workspaceId, email, role } = found;
    if (email !== null && email !== accountAddress(user.email)) throw invitationOfAnother();
    return this.database.transaction(async () => {
      await this.repository.lock(workspaceId);
      if (!(await this.invitations.delete(workspaceId, id))) throw invitationInvalid();
      await this.record(workspaceId, 'invitation.accepted', id);
      await this.members.join(workspaceId, user.id, role);
      return this.workspaces.get(user.id, workspaceId);
    });
  }

  private record(
    workspaceId: string,
    action: string,
    id: string,
    changes?: AuditChanges,
  ): Promise<void> {
    const targets = [{ type: 'invitation', id: id.toLowerCase() }];
    return this.audit.record({ workspaceId, action, targets, changes });
  }

  private now(): Date {
    return new Date(this.clock.now());
  }
}

const present = (invitation: InvitationEntity): Invitation => ({
  id: invitation.id,
  email: invitation.email,
  role: invitation.role,
  createdBy: invitation.createdBy,
  createdAt: invitation.createdAt,
  expiresAt: invitation.expiresAt,
});
