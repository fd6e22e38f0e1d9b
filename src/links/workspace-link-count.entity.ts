import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/**
 * How many links a workspace has, deleted ones included: the sum of its slots, which triggers of
 * `links` keep.
 */
@Entity('workspace_link_counts')
export class WorkspaceLinkCountEntity {
  @PrimaryColumn('uuid', {
    name: 'workspace_id',
    primaryKeyConstraintName: 'workspace_link_counts_pkey',
  })
  @ForeignKey('workspaces', {
    name: 'workspace_link_counts_workspace_id_fkey',
    onDelete: 'CASCADE',
  })
  workspaceId: string;

  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'workspace_link_counts_pkey' })
  slot: number;

  @Column('bigint')
  links: string;
}
