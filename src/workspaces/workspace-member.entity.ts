import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { WorkspaceRole } from './workspaces.types.js';

/** A user's place in a workspace. */
@Entity('workspace_members')
@Check('workspace_members_role_check', `role IN ('owner', 'editor', 'viewer')`)
export class WorkspaceMemberEntity {
  @PrimaryColumn({
    name: 'workspace_id',
    type: 'uuid',
    primaryKeyConstraintName: 'workspace_members_pkey',
  })
  @ForeignKey('workspaces', {
    name: 'workspace_members_workspace_id_fkey',
    onDelete: 'CASCADE',
  })
  workspaceId: string;

  @PrimaryColumn({
    name: 'user_id',
    type: 'uuid',
    primaryKeyConstraintName: 'workspace_members_pkey',
  })
  @ForeignKey('users', { name: 'workspace_members_user_id_fkey', onDelete: 'CASCADE' })
  @Index('workspace_members_user_id_idx')
  userId: string;

  @Column({ type: 'text' })
  role: WorkspaceRole;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
