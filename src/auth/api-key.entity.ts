import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { Scope } from './auth.types.js';

/** A key of a service. What it may do in its workspace are its scopes. */
@Entity('api_keys')
@Unique('api_keys_key_hash_key', ['keyHash'])
@Index('api_keys_workspace_id_idx', ['workspaceId', 'id'])
export class ApiKeyEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'api_keys_pkey' })
  id: string;

  @Column({ name: 'workspace_id', type: 'uuid' })
  @ForeignKey('workspaces', { name: 'api_keys_workspace_id_fkey', onDelete: 'CASCADE' })
  workspaceId: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text', array: true })
  scopes: Scope[];

  /** SHA-256 of the key, which only its reader has. */
  @Column({ name: 'key_hash', type: 'bytea' })
  keyHash: Buffer;

  /** How the key begins and ends, so that people can tell keys apart. */
  @Column({ type: 'text' })
  prefix: string;

  @Column({ name: 'last_four', type: 'text' })
  lastFour: string;

  @Column({ name: 'created_by', type: 'uuid', nullable: true })
  @ForeignKey('users', { name: 'api_keys_created_by_fkey', onDelete: 'SET NULL' })
  @Index('api_keys_created_by_idx')
  createdBy: string | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /** From then on it is refused. */
  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt: Date | null;

  /** A minute behind, at most. */
  @Column({ name: 'last_used_at', type: 'timestamptz', nullable: true })
  lastUsedAt: Date | null;
}
