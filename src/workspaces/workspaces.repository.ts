import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../database/database.service.js';
import { WorkspaceMemberEntity } from './workspace-member.entity.js';
import { WorkspaceEntity } from './workspace.entity.js';
import type { Membership } from './workspaces.types.js';

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

  async findMembership(userId: string, workspaceId: string): Promise<Membership | undefined> {
    const member = await this.database
      .repository(WorkspaceMemberEntity)
      .findOneBy({ userId, workspaceId });
    return member ? toMembership(member) : undefined;
  }

  /** The memberships of the user, the oldest workspace first (UUIDv7 keys sort by time). */
  async findMembershipsOf(userId: string): Promise<Membership[]> {
    const members = await this.database
      .repository(WorkspaceMemberEntity)
      .find({ where: { userId }, order: { workspaceId: 'ASC' } });
    return members.map(toMembership);
  }

  async findOldestOwned(userId: string): Promise<string | undefined> {
    const member = await this.database
      .repository(WorkspaceMemberEntity)
      .findOne({ where: { userId, role: 'owner' }, order: { workspaceId: 'ASC' } });
    return member?.workspaceId;
  }
}

const toMembership = ({ workspaceId, userId, role }: WorkspaceMemberEntity): Membership => ({
  workspaceId,
  userId,
  role,
});
