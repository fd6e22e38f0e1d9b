import type { Action, WorkspaceRole } from './workspaces.types.js';

/** Which roles may do what in their workspace. Nothing else decides it. */
const PERMISSIONS: Readonly<Record<Action, readonly WorkspaceRole[]>> = {
  'workspace:read': ['owner', 'editor', 'viewer'],
  'workspace:write': ['owner'],
  'links:read': ['owner', 'editor', 'viewer'],
  'links:write': ['owner', 'editor'],
  'stats:read': ['owner', 'editor', 'viewer'],
  'members:read': ['owner', 'editor', 'viewer'],
  'members:write': ['owner'],
};

export const rolesFor = (action: Action): readonly WorkspaceRole[] => PERMISSIONS[action];

export const may = (role: WorkspaceRole, action: Action): boolean =>
  rolesFor(action).includes(role);
