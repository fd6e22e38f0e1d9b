import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** A further host of a workspace. Until it is verified it is a claim, which others may have as well. */
@Entity('domains')
@Unique('domains_workspace_id_host_key', ['workspaceId', 'host'])
@Index('domains_verified_host_key', ['host'], { unique: true, where: 'verified_at IS NOT NULL' })
export class DomainEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'domains_pkey' })
  id: string;

  @Column('uuid', { name: 'workspace_id' })
  @ForeignKey('workspaces', { name: 'domains_workspace_id_fkey', onDelete: 'CASCADE' })
  workspaceId: string;

  /** As `normalHost` makes it. */
  @Column({ type: 'text', collation: 'C' })
  host: string;

  /** What the DNS record of the host has to say; public as soon as it does. */
  @Column('text')
  token: string;

  @Column('text', { name: 'root_redirect_url', nullable: true })
  rootRedirectUrl: string | null;

  @Column('text', { name: 'not_found_redirect_url', nullable: true })
  notFoundRedirectUrl: string | null;

  @Column('integer', { default: 1 })
  version: number;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'verified_at', nullable: true })
  verifiedAt: Date | null;
}
