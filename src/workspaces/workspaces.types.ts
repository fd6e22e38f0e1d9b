export const WORKSPACE_ROLES = ['owner', 'editor', 'viewer'] as const;

/** What a member may do in a workspace: viewers read, editors also write, owners also manage it. */
export type WorkspaceRole = (typeof WORKSPACE_ROLES)[number];

export interface Membership {
  workspaceId: string;
  userId: string;
  role: WorkspaceRole;
}

/** Whether this role may create, change and delete the links of its workspace. */
export const canWrite = (role: WorkspaceRole): boolean => role !== 'viewer';
