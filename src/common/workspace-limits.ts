/** The most of each that a workspace may have at once: more than teams need, and too few to fill a database. */
export const WORKSPACE_LIMITS = {
  members: 500,
  /** That can still be accepted. */
  invitations: 200,
  /** That have not expired. */
  apiKeys: 100,
  /** Claims included. */
  domains: 50,
  webhooks: 20,
} as const;
