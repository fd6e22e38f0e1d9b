import { Injectable, Logger } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { AuditService, changesOf } from '../audit/audit.service.js';
import { Clock } from '../common/clock.js';
import { decodeCursor, type Page, pageOf } from '../common/cursor.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { DatabaseService } from '../platform/database/database.service.js';
import type { AuditChanges } from '../audit/audit.types.js';
import type { ManagedUser, UserChanges } from './auth.types.js';
import type { UserEntity } from './user.entity.js';
import { UsersAdminRepository } from './users-admin.repository.js';

/** What is told of a change of each column. */
const ACTIONS = {
  role: ['user.promoted', 'user.demoted'],
  disabledAt: ['user.disabled', 'user.enabled'],
  linksDisabledAt: ['user.links-disabled', 'user.links-enabled'],
} as const;

/** What administrators of the instance can do with its users. */
@Injectable()
export class UsersService {
  private readonly logger = new Logger(UsersService.name);

  constructor(
    private readonly users: UsersAdminRepository,
    private readonly database: DatabaseService,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /**
   * The newest first.
   * @throws ProblemError invalid-request (cursor)
   */
  async list({ limit, cursor }: { limit: number; cursor?: string }): Promise<Page<ManagedUser>> {
    const beforeId = cursor === undefined ? undefined : decodeCursor(cursor);
    // One more than asked for tells whether there is a next page.
    const found = await this.users.findPage(limit + 1, beforeId);
    return pageOf(found.map(present), limit, ({ id }) => id);
  }

  /**
   * Disabling a user ends their sessions at once; their links are a choice of its own, since a team
   * needs the links of a colleague who left. At least one administrator who may act always remains.
   * @throws ProblemError not-found, last-administrator
   */
  async update(id: string, changes: UserChanges, byUserId: string): Promise<ManagedUser> {
    if (!isUUID(id)) throw userNotFound();
    const user = await this.database.transaction(() => this.change(id, changes));
    this.logger.log(`User ${id} was changed by user ${byUserId}: ${JSON.stringify(changes)}`);
    return present(user);
  }

  /**
   * Locks the user for `remove`, until the surrounding transaction ends: they can join and make nothing.
   * @throws ProblemError last-administrator
   */
  async lockForRemoval(id: string): Promise<void> {
    const { administrators } = await this.users.lockWithAdministrators(id);
    if (isLast(id, administrators)) throw lastAdministrator();
    await this.users.lockWhole(id);
  }

  /** Deletes the user for good: call `lockForRemoval` before. */
  async remove(id: string): Promise<void> {
    await this.users.delete(id);
    await this.record('user.deleted', id);
    this.logger.log(`User ${id} has deleted their account`);
  }

  private async change(id: string, changes: UserChanges): Promise<UserEntity> {
    const { user, administrators } = await this.users.lockWithAdministrators(id);
    if (!user) throw userNotFound();
    const { disabled, linksDisabled, role } = changes;
    const removes = disabled === true || role === 'member';
    if (removes && isLast(id, administrators)) throw lastAdministrator();
    const now = new Date(this.clock.now());
    const columns = {
      ...(role !== undefined && { role }),
      ...(disabled !== undefined && { disabledAt: since(disabled, user.disabledAt, now) }),
      ...(linksDisabled !== undefined && {
        linksDisabledAt: since(linksDisabled, user.linksDisabledAt, now),
      }),
    };
    await this.users.update(id, columns);
    if (disabled === true) await this.users.endSessions(id);
    await this.recordChanges(user, columns);
    return Object.assign(user, columns);
  }

  /** An event for each thing that is another now. */
  private async recordChanges(user: UserEntity, columns: Partial<UserEntity>): Promise<void> {
    for (const [field, to] of Object.entries(columns)) {
      const column = field as keyof typeof ACTIONS;
      const changes = changesOf(user, { [column]: to });
      const [on, off] = ACTIONS[column];
      const isOn = column === 'role' ? to === 'admin' : to !== null;
      if (changes[column]) await this.record(isOn ? on : off, user.id, changes);
    }
  }

  private record(action: string, id: string, changes?: AuditChanges): Promise<void> {
    return this.audit.record({
      workspaceId: null,
      action,
      targets: [{ type: 'user', id }],
      changes,
    });
  }
}

const isLast = (id: string, administrators: string[]): boolean =>
  administrators.length === 1 && administrators[0] === id;

/** When it began, which is not now if it has been so all along. */
const since = (is: boolean, before: Date | null | undefined, now: Date): Date | null =>
  is ? (before ?? now) : null;

const present = (user: UserEntity): ManagedUser => ({
  id: user.id,
  email: user.email,
  name: user.name,
  role: user.role,
  disabledAt: user.disabledAt,
  linksDisabledAt: user.linksDisabledAt ?? null,
  createdAt: user.createdAt,
});

const userNotFound = (): ProblemError =>
  new ProblemError('not-found', { detail: 'There is no such user.' });

const lastAdministrator = (): ProblemError =>
  new ProblemError('last-administrator', {
    detail: 'This is the last administrator who is not disabled. Make somebody else one first.',
  });
