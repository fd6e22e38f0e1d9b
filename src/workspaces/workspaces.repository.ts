import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../platform/database/database.service.js';
import { WorkspaceMemberEntity } from './workspace-member.entity.js';
import { WorkspaceEntity } from './workspace.entity.js';
import type { KeyMembership, Membership, Workspace, WorkspaceRole } from './workspaces.types.js';

/** The columns of a Workspace. */
const WORKSPACE = `w.id, w.name, m.role, w.created_at AS "createdAt", w.version`;

@Injectable()
export class WorkspacesRepository {
  constructor(private readonly database: DatabaseService) {}

  /** Adds the workspace and its first member, both or neither. */
  create(workspace: WorkspaceEntity, owner: WorkspaceMemberEntity): Promise<void> {
    return this.database.transaction(async () => {
      await this.database.repository(WorkspaceEntity).insert(workspace);
      await this.database.repository(WorkspaceMemberEntity).insert(owner);
    });
  }

  /**
   * Adds the workspace unless its owner has `limit` already, and tells whether it did. Exact, since
   * those that a user makes at once come one after the other.
   */
  createWithin(
    limit: number,
    workspace: WorkspaceEntity,
    owner: WorkspaceMemberEntity,
  ): Promise<boolean> {
    return this.database.transaction(async () => {
      await this.lockUser(owner.userId);
      const owned = await this.members.countBy({ userId: owner.userId, role: 'owner' });
      if (owned >= limit) return false;
      await this.create(workspace, owner);
      return true;
    });
  }

  async findMembership(userId: string, workspaceId: string): Promise<Membership | undefined> {
    return toMembership(await this.members.findOneBy({ userId, workspaceId }));
  }

  /** The workspace of an API key, and what it may do there; whether it is still good is known by now. */
  async findKey(keyId: string): Promise<KeyMembership | undefined> {
    const [key] = await this.database.query<Omit<KeyMembership, 'userId'>>(
      'SELECT workspace_id AS "workspaceId", scopes FROM api_keys WHERE id = $1',
      [keyId],
    );
    return key && { ...key, userId: null };
  }

  /** Where the user has one of the roles, the oldest workspace first (UUIDv7 keys sort by time). */
  async findIdsOf(userId: string, roles: readonly WorkspaceRole[]): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT workspace_id AS id FROM workspace_members
       WHERE user_id = $1 AND role = ANY($2::text[]) ORDER BY workspace_id`,
      [userId, roles],
    );
    return rows.map(({ id }) => id);
  }

  async findOldestOwned(userId: string): Promise<Membership | undefined> {
    const member = await this.members.findOne({
      where: { userId, role: 'owner' },
      order: { workspaceId: 'ASC' },
    });
    return toMembership(member);
  }

  /** The workspace, if the user is a member of it. */
  async find(id: string, userId: string): Promise<Workspace | undefined> {
    const [workspace] = await this.database.query<Workspace>(
      `SELECT ${WORKSPACE} FROM workspaces w JOIN workspace_members m ON m.workspace_id = w.id
       WHERE w.id = $1 AND m.user_id = $2`,
      [id, userId],
    );
    return workspace;
  }

  /** Those that the user is a member of, the newest first, older ones than `beforeId` if it is given. */
  findPage(userId: string, limit: number, beforeId?: string): Promise<Workspace[]> {
    return this.database.query<Workspace>(
      `SELECT ${WORKSPACE} FROM workspaces w JOIN workspace_members m ON m.workspace_id = w.id
       WHERE m.user_id = $1 AND ($2::uuid IS NULL OR w.id < $2) ORDER BY w.id DESC LIMIT $3`,
      [userId, beforeId ?? null, limit],
    );
  }

  /** Renames it if it still has one of the versions (any, if none is given), and tells whether it did. */
  async rename(id: string, name: string, versions?: number[]): Promise<boolean> {
    const query = this.database
      .repository(WorkspaceEntity)
      .createQueryBuilder()
      .update()
      .set({ name, version: () => 'version + 1' })
      .where('id = :id', { id });
    if (versions) query.andWhere('version = ANY(:versions)', { versions });
    return (await query.execute()).affected === 1;
  }

  /**
   * Locks the workspace until the surrounding transaction ends: whoever changes its members or counts its
   * links comes one after the other. Links are added meanwhile.
   */
  async lock(id: string): Promise<void> {
    await this.database.query('SELECT FROM workspaces WHERE id = $1 FOR NO KEY UPDATE', [id]);
  }

  /**
   * Locks the user's choice of workspaces, the one to be deleted, so that nothing can be added to it, and
   * the one that takes over its links. Always in one order: two that are transferred to each other do
   * not wait for ever.
   */
  async lockForDeletion(userId: string, id: string, transferTo?: string): Promise<void> {
    await this.lockUser(userId);
    const ids = transferTo === undefined ? [id] : [id, transferTo].toSorted();
    for (const one of ids) {
      if (one !== id) await this.lock(one);
      else await this.database.query('SELECT FROM workspaces WHERE id = $1 FOR UPDATE', [id]);
    }
  }

  /** With its members and invitations. */
  async delete(id: string): Promise<void> {
    await this.database.repository(WorkspaceEntity).delete({ id });
  }

  /** Until the surrounding transaction ends. */
  private async lockUser(userId: string): Promise<void> {
    await this.database.query('SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId]);
  }

  private get members() {
    return this.database.repository(WorkspaceMemberEntity);
  }
}

const toMembership = (member: WorkspaceMemberEntity | null): Membership | undefined =>
  member
    ? { workspaceId: member.workspaceId, userId: member.userId, role: member.role }
    : undefined;
