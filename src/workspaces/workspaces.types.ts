import type { AuditEvent } from '../audit/audit.types.js';
import type { Scope } from '../auth/auth.types.js';

export const WORKSPACE_ROLES = ['owner', 'editor', 'viewer'] as const;

/** What a member may do in a workspace: viewers read, editors also write, owners also manage it. */
export type WorkspaceRole = (typeof WORKSPACE_ROLES)[number];

/** What somebody may do in a workspace; `permissions.ts` says which roles may. */
export type Action =
  | Scope
  | 'workspace:read'
  | 'workspace:write'
  | 'members:write'
  | 'keys:read'
  | 'keys:write'
  | 'domains:read'
  | 'domains:write';

export interface Membership {
  workspaceId: string;
  userId: string;
  role: WorkspaceRole;
}

/** A membership as its user sees it. */
export interface NamedMembership {
  workspaceId: string;
  name: string;
  role: WorkspaceRole;
  joinedAt: Date;
}

/** What the end of a member's account means for a workspace. */
export interface WorkspaceToLeave {
  id: string;
  name: string;
  /** Whether nobody else belongs to it. */
  isAlone: boolean;
  isOnlyOwner: boolean;
}

/** The place of an API key in its workspace: scopes instead of a role. */
export interface KeyMembership {
  workspaceId: string;
  userId: null;
  scopes: readonly Scope[];
}

/** A workspace as one of its members sees it. */
export interface Workspace {
  id: string;
  name: string;
  /** The member's own. */
  role: WorkspaceRole;
  createdAt: Date;
  /** Grows by one with every change; the ETag. */
  version: number;
}

export interface Member {
  userId: string;
  email: string;
  name: string | null;
  role: WorkspaceRole;
  /** Since when they are a member. */
  createdAt: Date;
}

export interface Invitation {
  id: string;
  /** The only address that may accept it; anybody's, if null. */
  email: string | null;
  role: WorkspaceRole;
  createdBy: string | null;
  createdAt: Date;
  expiresAt: Date;
}

/** An invitation with what is shown only once. */
export interface NewInvitation extends Invitation {
  token: string;
  /** Where it is accepted. */
  url: string;
}

/** An event of an audit trail, with the names of those who are still here. */
export interface NamedAuditEvent extends AuditEvent {
  /** The e-mail address of a user, the name of an API key. */
  actorName: string | null;
}

export interface PageRequest {
  limit: number;
  cursor?: string;
}

/**
 * What becomes of things in a workspace that is deleted. It runs in the transaction of the deletion, which
 * holds locks: nothing can be added to the workspace meanwhile. Features that build on workspaces hand
 * theirs to `WorkspacesService.onDeletion`.
 */
export interface DeletionHook {
  /**
   * @param transferTo the workspace that takes over what there is; without one, refuse if there is anything
   */
  onDeleting(workspaceId: string, transferTo?: string): Promise<void>;
}
