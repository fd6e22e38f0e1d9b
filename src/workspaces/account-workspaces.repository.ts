import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { DatabaseService } from '../platform/database/database.service.js';
import { WorkspaceEntity } from './workspace.entity.js';
import type { NamedMembership, WorkspaceToLeave } from './workspaces.types.js';

/** Of no time, so no other has it. */
const NOBODYS = '00000000-0000-7000-8000-000000000000';

/** The workspaces of a user whose account ends or is exported. */
@Injectable()
export class AccountWorkspacesRepository {
  constructor(private readonly database: DatabaseService) {}

  /** The oldest workspace first. */
  findMemberships(userId: string): Promise<NamedMembership[]> {
    return this.database.query<NamedMembership>(
      `SELECT m.workspace_id AS "workspaceId", w.name, m.role, m.created_at AS "joinedAt"
       FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id
       WHERE m.user_id = $1 ORDER BY m.workspace_id`,
      [userId],
    );
  }

  /**
   * Until the surrounding transaction ends, nobody joins or leaves the workspaces of the user, changes a
   * role in them or adds a link to them.
   */
  async lock(userId: string): Promise<void> {
    await this.database.query(
      `SELECT FROM workspaces
       WHERE id IN (SELECT workspace_id FROM workspace_members WHERE user_id = $1)
       ORDER BY id FOR UPDATE`,
      [userId],
    );
    await this.database.query(
      `SELECT FROM workspace_members
       WHERE workspace_id IN (SELECT workspace_id FROM workspace_members WHERE user_id = $1)
       ORDER BY workspace_id, user_id FOR UPDATE`,
      [userId],
    );
  }

  findToLeave(userId: string): Promise<WorkspaceToLeave[]> {
    return this.database.query<WorkspaceToLeave>(
      `SELECT w.id, w.name,
         count(*) = 1 AS "isAlone",
         bool_or(m.role = 'owner' AND m.user_id = $1)
           AND NOT bool_or(m.role = 'owner' AND m.user_id <> $1 AND u.disabled_at IS NULL)
           AS "isOnlyOwner"
       FROM workspaces w
       JOIN workspace_members m ON m.workspace_id = w.id
       JOIN users u ON u.id = m.user_id
       WHERE w.id IN (SELECT workspace_id FROM workspace_members WHERE user_id = $1)
       GROUP BY w.id ORDER BY w.id`,
      [userId],
    );
  }

  /** Everything of theirs goes along, but for links, which must be gone before. */
  async delete(ids: string[]): Promise<void> {
    await this.database.repository(WorkspaceEntity).delete({ id: In(ids) });
  }

  /** A workspace that nobody belongs to, and its id. */
  async ensureNobodys(): Promise<string> {
    await this.database.query(
      `INSERT INTO workspaces (id, name, created_at) VALUES ($1, '', now()) ON CONFLICT DO NOTHING`,
      [NOBODYS],
    );
    return NOBODYS;
  }
}
