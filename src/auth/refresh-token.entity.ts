import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/**
 * One refresh token, known by its SHA-256 only. The tokens that descend from one login share a
 * family; to revoke a family is to delete its rows.
 */
@Entity('refresh_tokens')
@Unique('refresh_tokens_token_hash_key', ['tokenHash'])
export class RefreshTokenEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'refresh_tokens_pkey' })
  id: string;

  @Column({ name: 'user_id', type: 'uuid' })
  @ForeignKey('users', { name: 'refresh_tokens_user_id_fkey', onDelete: 'CASCADE' })
  @Index('refresh_tokens_user_id_idx')
  userId: string;

  @Column({ name: 'family_id', type: 'uuid' })
  @Index('refresh_tokens_family_id_idx')
  familyId: string;

  @Column({ name: 'token_hash', type: 'bytea' })
  tokenHash: Buffer;

  /** Unused for this long, the token is dead. */
  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt: Date;

  /** However often it is refreshed, the family ends here. */
  @Column({ name: 'absolute_expires_at', type: 'timestamptz' })
  absoluteExpiresAt: Date;

  /** When it was first exchanged for a new one; a use long after that is a replay. */
  @Column({ name: 'used_at', type: 'timestamptz', nullable: true })
  usedAt: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
