import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/**
 * What one login began: every token that comes of it belongs to it and ends with it. To end a
 * session is to delete its row.
 */
@Entity('sessions')
export class SessionEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'sessions_pkey' })
  id: string;

  @Column({ name: 'user_id', type: 'uuid' })
  @ForeignKey('users', { name: 'sessions_user_id_fkey', onDelete: 'CASCADE' })
  @Index('sessions_user_id_idx')
  userId: string;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /** The last login, refresh or request; requests are noted once a minute. */
  @Column({ name: 'last_used_at', type: 'timestamptz' })
  lastUsedAt: Date;

  /** When it ends unless it is refreshed. */
  @Column({ name: 'expires_at', type: 'timestamptz' })
  @Index('sessions_expires_at_idx')
  expiresAt: Date;

  /** However often it is refreshed, it ends here. */
  @Column({ name: 'absolute_expires_at', type: 'timestamptz' })
  absoluteExpiresAt: Date;

  /** Of the last login or refresh, as are the following; null if it is unknown. */
  @Column({ type: 'text', nullable: true })
  browser?: string | null;

  @Column({ type: 'text', nullable: true })
  os?: string | null;

  /** The address, cut to its /24 or /48. */
  @Column({ type: 'text', nullable: true })
  network?: string | null;
}
