import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { AuditService } from '../audit/audit.service.js';
import type { AuditChanges } from '../audit/audit.types.js';
import { Clock } from '../common/clock.js';
import { decodeCursor, type Page, pageOf } from '../common/cursor.js';
import { WORKSPACE_LIMITS } from '../common/workspace-limits.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { MembersRepository } from './members.repository.js';
import {
  accountNotFound,
  alreadyMember,
  lastOwner,
  memberNotFound,
  tooManyMembers,
} from './workspaces.problems.js';
import { WorkspacesRepository } from './workspaces.repository.js';
import { WorkspacesService } from './workspaces.service.js';
import type { Action, Member, PageRequest, WorkspaceRole } from './workspaces.types.js';

/**
 * Who belongs to a workspace. There is always an owner who can act: changes come one after the other, each
 * behind the lock of the workspace.
 */
@Injectable()
export class MembersService {
  constructor(
    private readonly members: MembersRepository,
    private readonly repository: WorkspacesRepository,
    private readonly workspaces: WorkspacesService,
    private readonly database: DatabaseService,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /**
   * The oldest account first.
   * @throws ProblemError invalid-request (cursor)
   */
  async list(workspaceId: string, { limit, cursor }: PageRequest): Promise<Page<Member>> {
    const afterId = cursor === undefined ? undefined : decodeCursor(cursor);
    const found = await this.members.findPage(workspaceId, limit + 1, afterId);
    return pageOf(found, limit, ({ userId }) => userId);
  }

  /** @throws ProblemError not-found */
  async get(workspaceId: string, userId: string): Promise<Member> {
    const member = isUUID(userId) ? await this.members.find(workspaceId, userId) : undefined;
    if (!member) throw memberNotFound();
    return member;
  }

  /** @throws ProblemError account-not-found, already-member, member-limit-reached, not-found, forbidden */
  add(callerId: string, workspaceId: string, email: string, role: WorkspaceRole): Promise<Member> {
    return this.change(callerId, workspaceId, 'members:write', async () => {
      const userId = await this.members.findUserId(email);
      if (userId === undefined) throw accountNotFound();
      await this.insert(workspaceId, userId, role);
      await this.record(workspaceId, 'member.added', userId, { role: { from: null, to: role } });
      return this.get(workspaceId, userId);
    });
  }

  /** @throws ProblemError not-found, last-owner, forbidden */
  changeRole(
    callerId: string,
    workspaceId: string,
    userId: string,
    role: WorkspaceRole | undefined,
  ): Promise<Member> {
    return this.change(callerId, workspaceId, 'members:write', async () => {
      const member = await this.get(workspaceId, userId);
      if (role === undefined || role === member.role) return member;
      await this.insistOnOtherOwner(workspaceId, member);
      await this.members.setRole(workspaceId, member.userId, role);
      const changes = { role: { from: member.role, to: role } };
      await this.record(workspaceId, 'member.updated', member.userId, changes);
      return { ...member, role };
    });
  }

  /** Everybody may leave; only owners remove others. @throws ProblemError not-found, last-owner, forbidden */
  async remove(callerId: string, workspaceId: string, userId: string): Promise<void> {
    const isLeaving = userId.toLowerCase() === callerId;
    const action = isLeaving ? 'workspace:read' : 'members:write';
    await this.change(callerId, workspaceId, action, async () => {
      const member = await this.get(workspaceId, userId);
      await this.insistOnOtherOwner(workspaceId, member);
      await this.members.remove(workspaceId, member.userId);
      const event = isLeaving ? 'member.left' : 'member.removed';
      const changes = { role: { from: member.role, to: null } };
      await this.record(workspaceId, event, member.userId, changes);
    });
  }

  /**
   * Makes a member of who has accepted an invitation, behind the lock of the workspace.
   * @throws ProblemError already-member, member-limit-reached
   */
  async join(workspaceId: string, userId: string, role: WorkspaceRole): Promise<void> {
    await this.insert(workspaceId, userId, role);
    await this.record(workspaceId, 'member.joined', userId, { role: { from: null, to: role } });
  }

  private async insert(workspaceId: string, userId: string, role: WorkspaceRole): Promise<void> {
    const createdAt = new Date(this.clock.now());
    const member = { workspaceId, userId, role, createdAt };
    if (!(await this.members.insertUnlessMember(member))) throw alreadyMember();
    const most = WORKSPACE_LIMITS.members;
    // The transaction takes back what is one too many.
    if ((await this.members.count(workspaceId)) > most) throw tooManyMembers(most);
  }

  private record(
    workspaceId: string,
    action: string,
    userId: string,
    changes: AuditChanges,
  ): Promise<void> {
    return this.audit.record({
      workspaceId,
      action,
      targets: [{ type: 'user', id: userId }],
      changes,
    });
  }

  /** What the caller may do is asked behind the lock: it may have been taken away a moment ago. */
  private change<T>(
    callerId: string,
    workspaceId: string,
    action: Action,
    work: () => Promise<T>,
  ): Promise<T> {
    return this.database.transaction(async () => {
      await this.repository.lock(workspaceId);
      await this.workspaces.require(callerId, workspaceId, action);
      return work();
    });
  }

  private async insistOnOtherOwner(workspaceId: string, member: Member): Promise<void> {
    if (member.role !== 'owner') return;
    if (!(await this.members.hasOtherOwner(workspaceId, member.userId))) throw lastOwner();
  }
}
