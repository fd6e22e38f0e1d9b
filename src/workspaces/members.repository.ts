import { Injectable } from '@nestjs/common';
import { knownAddresses } from '../common/email-address.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { WorkspaceMemberEntity } from './workspace-member.entity.js';
import type { Member, WorkspaceRole } from './workspaces.types.js';

/** Members with what is told of their accounts. */
const MEMBERS = `
  SELECT m.user_id AS "userId", u.email, u.name, m.role, m.created_at AS "createdAt"
  FROM workspace_members m JOIN users u ON u.id = m.user_id`;

@Injectable()
export class MembersRepository {
  constructor(private readonly database: DatabaseService) {}

  /** The oldest account first, those after `afterId` if it is given. */
  findPage(workspaceId: string, limit: number, afterId?: string): Promise<Member[]> {
    return this.database.query<Member>(
      `${MEMBERS} WHERE m.workspace_id = $1 AND ($2::uuid IS NULL OR m.user_id > $2)
       ORDER BY m.user_id LIMIT $3`,
      [workspaceId, afterId ?? null, limit],
    );
  }

  async find(workspaceId: string, userId: string): Promise<Member | undefined> {
    const [member] = await this.database.query<Member>(
      `${MEMBERS} WHERE m.workspace_id = $1 AND m.user_id = $2`,
      [workspaceId, userId],
    );
    return member;
  }

  async findUserId(email: string): Promise<string | undefined> {
    const [user] = await this.database.query<{ id: string }>(
      'SELECT id FROM users WHERE email = ANY($1) ORDER BY array_position($1, email) LIMIT 1',
      [knownAddresses(email)],
    );
    return user?.id;
  }

  /** Adds the member unless they are one already, or have no account any more; tells whether it did. */
  async insertUnlessMember(member: WorkspaceMemberEntity): Promise<boolean> {
    const { workspaceId, userId, role, createdAt } = member;
    const rows = await this.database.query(
      `INSERT INTO workspace_members (workspace_id, user_id, role, created_at)
       SELECT $1, id, $3, $4 FROM users WHERE id = $2 FOR KEY SHARE
       ON CONFLICT DO NOTHING RETURNING user_id`,
      [workspaceId, userId, role, createdAt],
    );
    return rows.length === 1;
  }

  count(workspaceId: string): Promise<number> {
    return this.members.countBy({ workspaceId });
  }

  async setRole(workspaceId: string, userId: string, role: WorkspaceRole): Promise<void> {
    await this.members.update({ workspaceId, userId }, { role });
  }

  async remove(workspaceId: string, userId: string): Promise<void> {
    await this.members.delete({ workspaceId, userId });
  }

  /** Whether somebody else owns the workspace, and is not disabled. */
  async hasOtherOwner(workspaceId: string, userId: string): Promise<boolean> {
    const rows = await this.database.query(
      `SELECT FROM workspace_members m JOIN users u ON u.id = m.user_id
       WHERE m.workspace_id = $1 AND m.role = 'owner' AND m.user_id <> $2 AND u.disabled_at IS NULL
       LIMIT 1`,
      [workspaceId, userId],
    );
    return rows.length > 0;
  }

  private get members() {
    return this.database.repository(WorkspaceMemberEntity);
  }
}
