import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An Idempotency-Key that was used, and what was answered. */
@Entity('idempotency_keys')
export class IdempotencyKeyEntity {
  /** SHA-256 of the owner and the key. */
  @PrimaryColumn({
    name: 'key_hash',
    type: 'bytea',
    primaryKeyConstraintName: 'idempotency_keys_pkey',
  })
  keyHash: Buffer;

  /** The encrypted answer; empty only while its request runs, which nobody else can see. */
  @Column({ name: 'answer', type: 'bytea' })
  answer: Buffer;

  @Index('idempotency_keys_expires_at_idx')
  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt: Date;
}
