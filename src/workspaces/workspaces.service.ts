import { Injectable, type OnModuleInit } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { LinksConfig } from '../../config/links.config.js';
import { ServerConfig } from '../../config/server.config.js';
import { AuditService } from '../audit/audit.service.js';
import type { AuditChanges, AuditTarget } from '../audit/audit.types.js';
import { AuthService } from '../auth/auth.service.js';
import type { Account, RegistrationHook } from '../auth/auth.types.js';
import { Clock } from '../common/clock.js';
import { decodeCursor, type Page, pageOf } from '../common/cursor.js';
import { isEmailAddress } from '../common/email-address.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { uuidv7 } from '../common/uuid.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { mayThere, rolesFor } from './permissions.js';
import {
  lastWorkspace,
  notAllowed,
  tooManyWorkspaces,
  transferToItself,
  workspaceChanged,
  workspaceNotFound,
} from './workspaces.problems.js';
import { WorkspacesRepository } from './workspaces.repository.js';
import type {
  Action,
  DeletionHook,
  KeyMembership,
  Membership,
  PageRequest,
  Workspace,
} from './workspaces.types.js';

/** Who belongs to which workspace; other features ask here before they touch a link. */
@Injectable()
export class WorkspacesService implements OnModuleInit, RegistrationHook {
  private readonly deletionHooks: DeletionHook[] = [];

  constructor(
    private readonly workspaces: WorkspacesRepository,
    private readonly auth: AuthService,
    private readonly database: DatabaseService,
    private readonly clock: Clock,
    private readonly links: LinksConfig,
    private readonly server: ServerConfig,
    private readonly audit: AuditService,
  ) {}

  onModuleInit(): void {
    this.auth.onRegistration(this);
  }

  /** From now on the hook takes part in every deletion. */
  onDeletion(hook: DeletionHook): void {
    this.deletionHooks.push(hook);
  }

  /** Every new user gets a workspace of their own, so that they can create links at once. */
  async onRegistered(user: Account): Promise<void> {
    const [workspace, owner] = this.newWorkspace(user.id, user.name ?? user.email);
    await this.workspaces.create(workspace, owner);
    // Without its name, which is that of a person.
    await this.record(workspace.id, 'workspace.created');
  }

  /**
   * The place in the workspace of a user or an API key; undefined if they have none or there is no such
   * workspace.
   */
  async membership(
    userId: string,
    workspaceId: string,
  ): Promise<Membership | KeyMembership | undefined> {
    if (!isUUID(workspaceId)) return undefined;
    const member = await this.workspaces.findMembership(userId, workspaceId);
    if (member) return member;
    const key = await this.workspaces.findKey(userId);
    return key?.workspaceId === workspaceId.toLowerCase() ? key : undefined;
  }

  /**
   * The place in the workspace of a user or an API key, if they may do this there.
   * @param pointer where the request names the workspace, if not by its path
   * @throws ProblemError not-found, forbidden
   */
  async require(
    userId: string,
    workspaceId: string,
    action: Action,
    pointer?: string,
  ): Promise<Membership | KeyMembership> {
    const place = await this.membership(userId, workspaceId);
    if (!place) throw workspaceNotFound(pointer);
    if (!mayThere(place, action)) throw notAllowed(place, action);
    return place;
  }

  /** The place for requests that name no workspace: the oldest one the user owns, or that of the API key. */
  async home(userId: string): Promise<Membership | KeyMembership> {
    const place =
      (await this.workspaces.findOldestOwned(userId)) ?? (await this.workspaces.findKey(userId));
    if (place) return place;
    throw new ProblemError('forbidden', {
      detail: 'You own no workspace. Name one that you belong to in workspaceId.',
    });
  }

  /** Every workspace where the user or the API key may do this, the oldest first. */
  async workspaceIdsOf(userId: string, action: Action): Promise<string[]> {
    const ids = await this.workspaces.findIdsOf(userId, rolesFor(action));
    if (ids.length > 0) return ids;
    const key = await this.workspaces.findKey(userId);
    return key && mayThere(key, action) ? [key.workspaceId] : [];
  }

  /**
   * Those of the user, the newest first.
   * @throws ProblemError invalid-request (cursor)
   */
  async list(userId: string, { limit, cursor }: PageRequest): Promise<Page<Workspace>> {
    const beforeId = cursor === undefined ? undefined : decodeCursor(cursor);
    // One more than asked for tells whether there is a next page.
    const found = await this.workspaces.findPage(userId, limit + 1, beforeId);
    return pageOf(found, limit, ({ id }) => id);
  }

  /** @throws ProblemError not-found */
  async get(userId: string, id: string): Promise<Workspace> {
    const workspace = isUUID(id) ? await this.workspaces.find(id, userId) : undefined;
    if (!workspace) throw workspaceNotFound();
    return workspace;
  }

  /** Makes a workspace that the user owns. @throws ProblemError workspace-limit-reached */
  async create(userId: string, name: string): Promise<Workspace> {
    const limit = this.links.maxWorkspacesPerUser || Infinity;
    const [workspace, owner] = this.newWorkspace(userId, name);
    await this.database.transaction(async () => {
      const isAdded = await this.workspaces.createWithin(limit, workspace, owner);
      if (!isAdded) throw tooManyWorkspaces(limit);
      await this.record(workspace.id, 'workspace.created', nameChange(null, name));
    });
    return { ...workspace, role: owner.role };
  }

  /** @throws ProblemError not-found, precondition-failed */
  async rename(
    userId: string,
    id: string,
    name: string | undefined,
    versions?: number[],
  ): Promise<Workspace> {
    await this.get(userId, id);
    return this.database.transaction(async () => {
      await this.workspaces.lock(id);
      const current = await this.get(userId, id);
      const isDone = await this.workspaces.rename(id, name ?? current.name, versions);
      const changed = await this.get(userId, id);
      if (!isDone) throw workspaceChanged();
      if (changed.name !== current.name) {
        await this.record(id, 'workspace.renamed', nameChange(current.name, changed.name));
      }
      return changed;
    });
  }

  /**
   * Deletes the workspace, with its members and invitations.
   * @param transferTo the workspace that takes over its links
   * @throws ProblemError not-found, forbidden, last-workspace, workspace-not-empty, link-limit-reached,
   *   external-id-taken, precondition-failed, invalid-request
   */
  async delete(
    userId: string,
    id: string,
    transferTo: string | undefined,
    versions?: number[],
  ): Promise<void> {
    if (transferTo?.toLowerCase() === id.toLowerCase()) throw transferToItself();
    await this.database.transaction(async () => {
      await this.workspaces.lockForDeletion(userId, id, transferTo);
      // Asked again behind the lock: the role may have been taken away a moment ago.
      await this.require(userId, id, 'workspace:write');
      if (transferTo !== undefined) {
        await this.require(userId, transferTo, 'links:write', '?transferTo');
      }
      const { version } = await this.get(userId, id);
      if (versions && !versions.includes(version)) throw workspaceChanged();
      const owned = await this.workspaces.findIdsOf(userId, ['owner']);
      if (owned.length === 1) throw lastWorkspace();
      for (const hook of this.deletionHooks) await hook.onDeleting(id, transferTo);
      await this.workspaces.delete(id);
      const heir = transferTo === undefined ? [] : [workspaceTarget(transferTo)];
      await this.audit.record({
        // Nobody can read that of the workspace any more.
        workspaceId: null,
        action: 'workspace.deleted',
        targets: [workspaceTarget(id), ...heir],
      });
    });
  }

  /** Where the API answers for what is of the workspace: a path on the host of PUBLIC_URL. */
  apiPath(...segments: string[]): string {
    const { pathname } = new URL(this.server.publicUrl);
    return [`${pathname.replace(/\/$/, '')}/api/v1/workspaces`, ...segments].join('/');
  }

  private record(id: string, action: string, changes?: AuditChanges): Promise<void> {
    return this.audit.record({ workspaceId: id, action, targets: [workspaceTarget(id)], changes });
  }

  private newWorkspace(userId: string, name: string) {
    const id = uuidv7(this.clock.now());
    const createdAt = new Date(this.clock.now());
    const owner = { workspaceId: id, userId, role: 'owner', createdAt } as const;
    return [{ id, name, version: 1, createdAt }, owner] as const;
  }
}

const workspaceTarget = (id: string): AuditTarget => ({ type: 'workspace', id: id.toLowerCase() });

/** That of a workspace may be an address, which is not kept on record. */
const nameChange = (from: string | null, to: string): AuditChanges => {
  const [before, after] = [from, to].map((name) => (name && isEmailAddress(name) ? null : name));
  return { name: { from: before, to: after } };
};
