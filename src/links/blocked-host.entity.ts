import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/** A host that links must not lead to, and with it all hosts below it. */
@Entity('blocked_hosts')
@Unique('blocked_hosts_host_key', ['host'])
export class BlockedHostEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'blocked_hosts_pkey' })
  id: string;

  /** As `normalHost` makes it. */
  @Column({ type: 'text', collation: 'C' })
  host: string;

  @Column('text')
  reason: string;

  /** A user; no foreign key, for it stays on record when the account is gone. */
  @Column('uuid', { name: 'created_by' })
  createdBy: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
