import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { EventType } from '../events/events.types.js';
import type { DisabledReason } from './webhooks.types.js';

/** An address that is told of the events of a workspace. */
@Entity('webhooks')
@Index('webhooks_workspace_id_idx', ['workspaceId', 'id'])
export class WebhookEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhooks_pkey' })
  id: string;

  @Column('uuid', { name: 'workspace_id' })
  @ForeignKey('workspaces', { name: 'webhooks_workspace_id_fkey', onDelete: 'CASCADE' })
  workspaceId: string;

  @Column('text')
  url: string;

  @Column('text', { array: true })
  events: EventType[];

  @Column('text', { nullable: true })
  description: string | null;

  /** Sealed. */
  @Column('bytea')
  secret: Buffer;

  /** Sealed; what it was before it was rotated. */
  @Column('bytea', { name: 'previous_secret', nullable: true })
  previousSecret: Buffer | null;

  @Column('timestamptz', { name: 'previous_secret_until', nullable: true })
  previousSecretUntil: Date | null;

  /** Up to where in the feed there are deliveries. */
  @Column('bigint')
  position: string;

  @Column('integer', { default: 1 })
  version: number;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt: Date | null;

  @Column('text', { name: 'disabled_reason', nullable: true })
  disabledReason: DisabledReason | null;
}
