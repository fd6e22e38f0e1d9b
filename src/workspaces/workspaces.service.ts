import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AuthService } from '../auth/auth.service.js';
import type { Account, RegistrationHook } from '../auth/auth.types.js';
import { Clock } from '../common/clock.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { uuidv7 } from '../common/uuid.js';
import { WorkspacesRepository } from './workspaces.repository.js';
import type { Membership } from './workspaces.types.js';

/** Who belongs to which workspace; other features ask here before they touch a link. */
@Injectable()
export class WorkspacesService implements OnModuleInit, RegistrationHook {
  constructor(
    private readonly workspaces: WorkspacesRepository,
    private readonly auth: AuthService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.auth.onRegistration(this);
  }

  /** Every new user gets a workspace of their own, so that they can create links at once. */
  async onRegistered(user: Account): Promise<void> {
    await this.createPersonal(user.id, user.name ?? user.email);
  }

  /** Makes a workspace that the user owns alone, and returns its id. */
  async createPersonal(userId: string, name: string): Promise<string> {
    const id = uuidv7(this.clock.now());
    const createdAt = new Date(this.clock.now());
    await this.workspaces.create(
      { id, name, createdAt },
      { workspaceId: id, userId, role: 'owner', createdAt },
    );
    return id;
  }

  /** The user's place in the workspace; undefined if they have none or there is no such workspace. */
  membership(userId: string, workspaceId: string): Promise<Membership | undefined> {
    return this.workspaces.findMembership(userId, workspaceId);
  }

  /** The workspace for requests that name none: the oldest one the user owns. */
  async personalWorkspaceId(userId: string): Promise<string> {
    const id = await this.workspaces.findOldestOwned(userId);
    if (id !== undefined) return id;
    throw new ProblemError('forbidden', {
      detail: 'You own no workspace. Name one that you belong to in workspaceId.',
    });
  }

  /** Every workspace the user may read, the oldest first. */
  async workspaceIdsOf(userId: string): Promise<string[]> {
    const memberships = await this.workspaces.findMembershipsOf(userId);
    return memberships.map(({ workspaceId }) => workspaceId);
  }
}
