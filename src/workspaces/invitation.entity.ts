import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { WorkspaceRole } from './workspaces.types.js';

/** A link that makes whoever accepts it a member, once. Gone with its use. */
@Entity('workspace_invitations')
@Unique('workspace_invitations_token_hash_key', ['tokenHash'])
@Index('workspace_invitations_workspace_id_idx', ['workspaceId', 'id'])
@Check('workspace_invitations_role_check', `role IN ('owner', 'editor', 'viewer')`)
export class InvitationEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'workspace_invitations_pkey' })
  id: string;

  @Column({ name: 'workspace_id', type: 'uuid' })
  @ForeignKey('workspaces', {
    name: 'workspace_invitations_workspace_id_fkey',
    onDelete: 'CASCADE',
  })
  workspaceId: string;

  /** In lower case; anybody may accept it, if null. */
  @Column({ type: 'text', nullable: true })
  email: string | null;

  @Column({ type: 'text' })
  role: WorkspaceRole;

  /** SHA-256 of the token, which only its reader has. */
  @Column({ name: 'token_hash', type: 'bytea' })
  tokenHash: Buffer;

  @Column({ name: 'created_by', type: 'uuid', nullable: true })
  @ForeignKey('users', {
    name: 'workspace_invitations_created_by_fkey',
    onDelete: 'SET NULL',
  })
  @Index('workspace_invitations_created_by_idx')
  createdBy: string | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  @Index('workspace_invitations_expires_at_idx')
  expiresAt: Date;
}
