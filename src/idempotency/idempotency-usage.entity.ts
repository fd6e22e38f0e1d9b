import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** How much a user had stored within an hour of UTC; the hours of a day are what they have now. */
@Entity('idempotency_usage')
export class IdempotencyUsageEntity {
  @PrimaryColumn({
    name: 'owner_id',
    type: 'uuid',
    primaryKeyConstraintName: 'idempotency_usage_pkey',
  })
  ownerId: string;

  @Index('idempotency_usage_hour_idx')
  @PrimaryColumn({
    name: 'hour',
    type: 'timestamptz',
    primaryKeyConstraintName: 'idempotency_usage_pkey',
  })
  hour: Date;

  /** Each answer counts as whole KiB, so this bounds the number of keys as well. */
  @Column({ name: 'kibibytes', type: 'integer' })
  kibibytes: number;
}
