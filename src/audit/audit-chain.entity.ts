import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Where the chain of a workspace, or of the instance (the nil UUID), begins and ends; triggers keep it. */
@Entity('audit_chains')
export class AuditChainEntity {
  @PrimaryColumn('uuid', { name: 'chain_id', primaryKeyConstraintName: 'audit_chains_pkey' })
  chainId: string;

  /** The sequence of its newest event. */
  @Column('bigint', { default: 0 })
  length: string;

  @Column('bytea', { name: 'last_hash' })
  lastHash: Buffer;

  /** The sequence of the newest event that was deleted because of its age; it begins behind it. */
  @Column('bigint', { default: 0 })
  purged: string;

  @Column('bytea', { name: 'purged_hash' })
  purgedHash: Buffer;
}
