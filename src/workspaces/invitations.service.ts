import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { ServerConfig } from '../../config/server.config.js';
import type { AuthenticatedUser } from '../auth/auth.types.js';
import { Clock } from '../common/clock.js';
import { decodeCursor, type Page, pageOf } from '../common/cursor.js';
import { accountAddress } from '../common/email-address.js';
import { uuidv7 } from '../common/uuid.js';
import { DatabaseService } from '../database/database.service.js';
import type { InvitationEntity } from './invitation.entity.js';
import { invitationTokenHash, newInvitationToken } from './invitation-token.js';
import { InvitationsRepository } from './invitations.repository.js';
import { MembersRepository } from './members.repository.js';
import {
  alreadyMember,
  invitationInvalid,
  invitationNotFound,
  invitationOfAnother,
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
    private readonly members: MembersRepository,
    private readonly repository: WorkspacesRepository,
    private readonly workspaces: WorkspacesService,
    private readonly database: DatabaseService,
    private readonly clock: Clock,
    private readonly server: ServerConfig,
  ) {}

  /**
   * Makes an invitation that can be accepted once within seven days.
   * @param email the only address that may accept it; anybody's, if absent
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
    if (!(await this.invitations.delete(workspaceId, id))) throw invitationNotFound();
  }

  /**
   * Makes the user a member. Of those who accept an invitation at once, one does.
   * @throws ProblemError not-found, forbidden, already-member; the invitation stays good then
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
      const createdAt = this.now();
      const member = { workspaceId, userId: user.id, role, createdAt };
      if (!(await this.members.insertUnlessMember(member))) throw alreadyMember();
      return this.workspaces.get(user.id, workspaceId);
    });
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
