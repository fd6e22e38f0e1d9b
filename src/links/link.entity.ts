import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { LinkRule, SplitVariant } from './link-rules.types.js';

/** A short link as it is stored. `domain` is empty for the default domain, that of PUBLIC_URL. */
@Entity('links')
@Unique('links_domain_code_key', ['domain', 'code'])
@Index('links_of_workspace_idx', ['workspaceId'])
@Index('links_workspace_id_idx', { synchronize: false })
@Index('links_tags_idx', { synchronize: false })
@Index('links_search_idx', { synchronize: false })
@Index('links_tagged_idx', { synchronize: false })
@Index('links_deleted_idx', { synchronize: false })
@Index('links_of_domain_idx', { synchronize: false })
@Index('links_created_by_idx', ['createdBy', 'id'])
@Index('links_number_key', ['number'], { unique: true })
@Index('links_external_id_key', { synchronize: false })
@Check('links_validity_check', 'starts_at < expires_at')
@Check('links_redirect_status_check', 'redirect_status IN (301, 302, 307, 308)')
export class LinkEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'links_pkey' })
  id: string;

  /** By which blocks of clicks tell links apart. */
  @Column({
    type: 'bigint',
    generated: 'identity',
    generatedIdentity: 'ALWAYS',
    select: false,
    insert: false,
    update: false,
  })
  number?: string;

  @Column('uuid', { name: 'workspace_id' })
  @ForeignKey('workspaces', { name: 'links_workspace_id_fkey' })
  workspaceId: string;

  @Column('uuid', { name: 'created_by', nullable: true })
  @ForeignKey('users', { name: 'links_created_by_fkey', onDelete: 'SET NULL' })
  createdBy: string | null;

  @Column({ type: 'text', collation: 'C', default: '' })
  domain: string;

  @Column({ type: 'text', collation: 'C' })
  code: string;

  /** What its workspace calls it elsewhere; one link that is not deleted has it there. */
  @Column({ name: 'external_id', type: 'text', collation: 'C', nullable: true })
  externalId: string | null;

  @Column('text')
  url: string;

  @Column('text', { nullable: true })
  title: string | null;

  @Column('text', { array: true, default: '{}' })
  tags: string[];

  /** The title as searches compare it. */
  @Column('text', { name: 'search_title', default: '', select: false })
  searchTitle?: string;

  /** The URL as searches compare it, and as people read it if that differs. */
  @Column('text', { name: 'search_url', default: '', select: false })
  searchUrl?: string;

  @Column('smallint', { name: 'redirect_status', default: 302 })
  redirectStatus: number;

  @Column('timestamptz', { name: 'starts_at', nullable: true })
  startsAt: Date | null;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column('integer', { name: 'max_clicks', nullable: true })
  maxClicks: number | null;

  @Column('integer', { default: 1 })
  version: number;

  /** What it had been clicked elsewhere before it was imported. */
  @Column('bigint', {
    name: 'imported_clicks',
    default: 0,
    transformer: { to: (value?: number) => value, from: Number },
  })
  importedClicks: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;

  /** Since when an administrator of the instance keeps the link from redirecting. */
  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt: Date | null;

  /** A user; no foreign key, for it stays on record when the account is gone. */
  @Column('uuid', { name: 'disabled_by', nullable: true })
  disabledBy: string | null;

  @Column('text', { name: 'disabled_reason', nullable: true })
  disabledReason: string | null;

  /** Whether its workspace keeps the link from redirecting. */
  @Column('boolean', { default: false })
  disabled: boolean;

  @Column('text', { nullable: true })
  note: string | null;

  /** Where it leads when it has expired or is used up. */
  @Column('text', { name: 'fallback_url', nullable: true })
  fallbackUrl: string | null;

  @Column('boolean', { name: 'forward_query', default: false })
  forwardQuery: boolean;

  @Column('boolean', { name: 'forward_path', default: false })
  forwardPath: boolean;

  @Column('boolean', { name: 'track_clicks', default: true })
  trackClicks: boolean;

  /** Read by redirects only. */
  @Column('text', { name: 'password_hash', nullable: true, select: false })
  passwordHash?: string | null;

  /** Null if it has no password. */
  @Column('timestamptz', { name: 'password_set_at', nullable: true })
  passwordSetAt: Date | null;

  /** Who is sent elsewhere; null if there are no rules. */
  @Column('jsonb', { nullable: true })
  rules: LinkRule[] | null;

  /** How the others are divided; null if they are not. */
  @Column('jsonb', { nullable: true })
  split: SplitVariant[] | null;
}
