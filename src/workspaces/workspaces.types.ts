export const WORKSPACE_ROLES = ['owner', 'editor', 'viewer'] as const;

/** What a member may do in a workspace: viewers read, editors also write, owners also manage it. */
export type WorkspaceRole = (typeof WORKSPACE_ROLES)[number];

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

/** Whether this role may create, change and delete the links of its workspace. */
export const canWrite = (role: WorkspaceRole): boolean => role !== 'viewer';
