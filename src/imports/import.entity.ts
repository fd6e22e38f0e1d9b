import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { OnTaken } from '../links/links.types.js';
import type { ImportNote, ImportSource, ImportStatus } from './imports.types.js';

/** Links that come from elsewhere: what was asked for, how far it is, and which process works on it. */
@Entity('imports')
@Index('imports_of_workspace_idx', { synchronize: false })
@Index('imports_unfinished_idx', ['id'], { where: "status IN ('queued', 'running')" })
@Check(
  'imports_status_check',
  "status IN ('receiving', 'queued', 'running', 'done', 'failed', 'cancelled')",
)
export class ImportEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'imports_pkey' })
  id: string;

  @Column('uuid', { name: 'workspace_id' })
  workspaceId: string;

  /** `receiving` while the file arrives: until then there is no import for anybody. */
  @Column('text')
  status: ImportStatus | 'receiving';

  @Column('text', { nullable: true })
  source: ImportSource | null;

  @Column('text', { name: 'file_name', nullable: true })
  fileName: string | null;

  @Column('boolean', { name: 'dry_run' })
  dryRun: boolean;

  @Column('text', { name: 'on_taken' })
  onTaken: OnTaken;

  @Column('text', { name: 'actor_type' })
  actorType: 'user' | 'api-key';

  @Column('uuid', { name: 'actor_id' })
  actorId: string;

  @Column('text', { name: 'remote_url', nullable: true })
  remoteUrl: string | null;

  /** Which page of the service comes next; null at the beginning, and when there is none. */
  @Column('text', { name: 'remote_place', nullable: true })
  remotePlace: string | null;

  /** That of the service, encrypted, as long as it is asked. */
  @Column('bytea', { name: 'api_key', nullable: true })
  apiKey: Buffer | null;

  @Column('integer', { nullable: true })
  total: number | null;

  @Column('integer', { default: 0 })
  read: number;

  @Column('integer', { default: 0 })
  created: number;

  @Column('integer', { default: 0 })
  updated: number;

  @Column('integer', { default: 0 })
  renamed: number;

  @Column('integer', { default: 0 })
  skipped: number;

  @Column('integer', { default: 0 })
  failed: number;

  @Column('jsonb', { nullable: true })
  problem: ImportNote | null;

  /** How often it was begun since it last came on: what ends the process is not tried for ever. */
  @Column('integer', { default: 0 })
  attempts: number;

  /** The run that works on it, until that time at least. */
  @Column('uuid', { name: 'lease_owner', nullable: true })
  leaseOwner: string | null;

  @Column('timestamptz', { name: 'lease_until', nullable: true })
  leaseUntil: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt: Date | null;

  /** Since when nobody sees it any more, and it waits to be deleted. */
  @Column('timestamptz', { name: 'removed_at', nullable: true })
  removedAt: Date | null;
}
