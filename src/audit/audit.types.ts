import type { Actor } from '../common/request-context.js';

/** What somebody did something to; no name and no address, which would outlive their account here. */
export interface AuditTarget {
  type: string;
  id: string;
}

/** The fields that were changed, by name. A new thing was null in all of them. */
export type AuditChanges = Record<string, { from: unknown; to: unknown }>;

/** What a feature tells of a change: ids only, never a secret, an address or a name of a person. */
export interface NewAuditEvent {
  /** Whose trail it belongs to; null for that of the instance: users and sessions. */
  workspaceId: string | null;
  /** `<noun>.<past participle>`, like `link.updated`. */
  action: string;
  targets: AuditTarget[];
  changes?: AuditChanges;
  /** `success` unless said otherwise. */
  outcome?: AuditOutcome;
  /** Whoever the request came from, unless said otherwise; `system` outside of requests. */
  actor?: Actor;
  /** Of the history of a link: the version that the change made. */
  link?: { id: string; version: number };
}

export type AuditOutcome = 'success' | 'failure';

/** From where it was done; the address is cut to its /24 or /48. */
export interface AuditContext {
  requestId: string | null;
  address: string | null;
  userAgent: string | null;
}

/** An event as it is on record. */
export interface AuditEvent {
  id: string;
  occurredAt: Date;
  workspaceId: string | null;
  action: string;
  actor: Actor;
  targets: AuditTarget[];
  changes: AuditChanges;
  context: AuditContext;
  outcome: AuditOutcome;
  linkId: string | null;
  linkVersion: number | null;
}

/** Which events of a trail. */
export interface AuditFilter {
  /** An action; if it ends with a dot, all that begin with it. */
  action?: string;
  actorId?: string;
  targetId?: string;
  /** Not before it. */
  from?: Date;
  /** Before it. */
  until?: Date;
}

export interface AuditQuery extends AuditFilter {
  limit: number;
  cursor?: string;
}
