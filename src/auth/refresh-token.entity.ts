import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/**
 * One refresh token, known by its SHA-256 only. Spent ones are kept until they expire, so that a
 * replay is recognised.
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

  @Column({ name: 'session_id', type: 'uuid' })
  @ForeignKey('sessions', { name: 'refresh_tokens_session_id_fkey', onDelete: 'CASCADE' })
  @Index('refresh_tokens_session_id_idx')
  sessionId: string;

  @Column({ name: 'token_hash', type: 'bytea' })
  tokenHash: Buffer;

  /** Unused for this long, the token is dead. */
  @Column({ name: 'expires_at', type: 'timestamptz' })
  @Index('refresh_tokens_expires_at_idx')
  expiresAt: Date;

  /** That of the session: no refresh prolongs it. */
  @Column({ name: 'absolute_expires_at', type: 'timestamptz' })
  absoluteExpiresAt: Date;

  /** When it was first exchanged for a new one; a use long after that is a replay. */
  @Column({ name: 'used_at', type: 'timestamptz', nullable: true })
  usedAt: Date | null;

  /** The token it was exchanged for. */
  @Column({ name: 'successor_id', type: 'uuid', nullable: true })
  successorId: string | null;

  /**
   * What makes this token of the one before it. Forgotten once this token is spent: else an old
   * token and a copy of this table would lead to the newest one.
   */
  @Column({ name: 'derivation_salt', type: 'bytea', nullable: true })
  derivationSalt: Buffer | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
