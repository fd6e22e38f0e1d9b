import { type Scope, SCOPES } from '../auth/auth.types.js';
import type { Action, KeyMembership, Membership, WorkspaceRole } from './workspaces.types.js';

/** Which roles may do what in their workspace. An API key may do what its scopes name. Nothing else decides it. */
const PERMISSIONS: Readonly<Record<Action, readonly WorkspaceRole[]>> = {
  'workspace:read': ['owner', 'editor', 'viewer'],
  'workspace:write': ['owner'],
  'links:read': ['owner', 'editor', 'viewer'],
  'links:write': ['owner', 'editor'],
  'stats:read': ['owner', 'editor', 'viewer'],
  'members:read': ['owner', 'editor', 'viewer'],
  'members:write': ['owner'],
  'keys:read': ['owner'],
  'keys:write': ['owner'],
  'audit:read': ['owner'],
  'domains:read': ['owner', 'editor', 'viewer'],
  'domains:write': ['owner'],
  'events:read': ['owner', 'editor', 'viewer'],
  'webhooks:read': ['owner'],
  'webhooks:write': ['owner'],
};

/** Who changes a link finds it, and gets it for an answer. Routes that only read are not open to them. */
const INCLUDES: Partial<Record<Scope, Action>> = { 'links:write': 'links:read' };

export const rolesFor = (action: Action): readonly WorkspaceRole[] => PERMISSIONS[action];

export const may = (role: WorkspaceRole, action: Action): boolean =>
  rolesFor(action).includes(role);

/** Whether a member or a key may do it in its workspace. */
export const mayThere = (place: Membership | KeyMembership, action: Action): boolean =>
  place.userId === null
    ? place.scopes.some((scope) => scope === action || INCLUDES[scope] === action)
    : may(place.role, action);

/** Whether API keys can be allowed to do it. */
export const isScope = (action: Action): action is Scope =>
  (SCOPES as readonly string[]).includes(action);
