import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AuditChanges, AuditContext, AuditTarget } from './audit.types.js';

/**
 * Something that was changed, and by whom. Rows are only ever added: triggers of the table give them their
 * place in the chain of their workspace, and refuse all other changes. No foreign keys: they outlive what
 * they tell of.
 */
@Entity('audit_events')
@Index('audit_events_sequence_key', { synchronize: false })
@Index('audit_events_link_idx', ['linkId', 'linkVersion'], { where: 'link_id IS NOT NULL' })
export class AuditEventEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'audit_events_pkey' })
  id: string;

  @Column('timestamptz', { name: 'occurred_at' })
  occurredAt: Date;

  /** Null for what belongs to the instance. */
  @Column('uuid', { name: 'workspace_id', nullable: true })
  workspaceId: string | null;

  @Column('text')
  action: string;

  @Column('text', { name: 'actor_type' })
  actorType: string;

  @Column('uuid', { name: 'actor_id', nullable: true })
  actorId: string | null;

  @Column('jsonb')
  targets: AuditTarget[];

  @Column('jsonb')
  changes: AuditChanges;

  @Column('jsonb')
  context: AuditContext;

  @Column('text')
  outcome: string;

  @Column('uuid', { name: 'link_id', nullable: true })
  linkId: string | null;

  /** The version of the link that the change made. */
  @Column('integer', { name: 'link_version', nullable: true })
  linkVersion: number | null;

  /** Its place in its chain, from 1 on. */
  @Column('bigint')
  sequence: string;

  /** The hash of the event before it in its chain. */
  @Column('bytea', { name: 'previous_hash' })
  previousHash: Buffer;

  /** SHA-256 of the previous hash and all that the event says. */
  @Column('bytea')
  hash: Buffer;
}
