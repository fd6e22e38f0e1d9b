import type { Account, OwnSession } from '../auth/auth.types.js';
import type { Link } from '../links/links.types.js';
import type { NamedMembership } from '../workspaces/workspaces.types.js';

/** All that belongs to an account. What there may be much of comes a few at a time. */
export interface AccountExport {
  account: Account;
  memberships: NamedMembership[];
  sessions: AsyncIterable<OwnSession[]>;
  links: AsyncIterable<Link[]>;
}
