import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import type { Account, UserRole } from './auth.types.js';

/** A person with an account. The address is stored as `accountAddress` makes it, so unique means unique. */
@Entity('users')
@Unique('users_email_key', ['email'])
@Check('users_role_check', `role IN ('admin', 'member')`)
export class UserEntity {
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'users_pkey' })
  id: string;

  @Column({ type: 'text' })
  email: string;

  @Column({ name: 'password_hash', type: 'text' })
  passwordHash: string;

  @Column({ type: 'text', nullable: true })
  name: string | null;

  @Column({ type: 'text' })
  role: UserRole;

  /** Since when the user may not act at all: no login, no refresh, and tokens are refused. */
  @Column({ name: 'disabled_at', type: 'timestamptz', nullable: true })
  disabledAt: Date | null;

  /** Since when no link redirects that the user has made; apart from what the user may do. */
  @Column({ name: 'links_disabled_at', type: 'timestamptz', nullable: true })
  linksDisabledAt?: Date | null;

  /** A login that was checked against the password of before comes to nothing. */
  @Column({ name: 'password_changed_at', type: 'timestamptz', nullable: true })
  passwordChangedAt?: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}

export const toAccount = ({ id, email, name, role, createdAt }: UserEntity): Account => ({
  id,
  email,
  name,
  role,
  createdAt,
});
