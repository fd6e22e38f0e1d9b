import { Injectable } from '@nestjs/common';
import { AuthService } from '../auth/auth.service.js';
import type { AuthenticatedUser, OwnSession } from '../auth/auth.types.js';
import { SessionsService } from '../auth/sessions.service.js';
import { UsersService } from '../auth/users.service.js';
import { DatabaseService } from '../platform/database/database.service.js';
import type { Client } from '../platform/http/client.js';
import { LinksService } from '../links/links.service.js';
import { AccountWorkspacesService } from '../workspaces/account-workspaces.service.js';
import type { AccountExport } from './accounts.types.js';

const SESSIONS_AT_ONCE = 200;

/** An account as a whole, over all features that have something of it. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly auth: AuthService,
    private readonly sessions: SessionsService,
    private readonly users: UsersService,
    private readonly workspaces: AccountWorkspacesService,
    private readonly links: LinksService,
    private readonly database: DatabaseService,
  ) {}

  /**
   * All that belongs to the account, without what is secret. Links are those that the user has made and may
   * still see.
   * @throws ProblemError unauthenticated if the user was deleted a moment ago
   */
  async export(user: AuthenticatedUser): Promise<AccountExport> {
    return {
      account: await this.auth.account(user.id),
      memberships: await this.workspaces.memberships(user.id),
      sessions: this.sessionsOf(user),
      links: this.links.createdBy(user.id),
    };
  }

  /**
   * Deletes the account. Its links stay with workspaces that others belong to. Workspaces that nobody else
   * belongs to end with it: their links answer 410, and their codes stay taken.
   * @throws ProblemError wrong-password, last-owner, last-administrator, unauthenticated,
   *   too-many-requests
   */
  async delete(user: AuthenticatedUser, password: string, client: Client): Promise<void> {
    await this.auth.confirm(user, password, '/password', client);
    await this.database.transaction(async () => {
      // Workspaces before users, as whoever adds a link locks them. It may take long if there are many.
      await this.retireLinks(user.id);
      await this.users.lockForRemoval(user.id);
      await this.sessions.lockActing(user);
      // Again, for workspaces that they have joined meanwhile; from now on they can join none.
      await this.workspaces.delete(await this.retireLinks(user.id));
      await this.workspaces.recordLeaving(user.id);
      await this.users.remove(user.id);
    });
  }

  /** @returns the workspaces that end with the account; nobody adds links to them any more */
  private async retireLinks(userId: string): Promise<string[]> {
    await this.workspaces.lock(userId);
    const ending = await this.workspaces.endingWith(userId);
    if (ending.length > 0) await this.links.retire(ending, await this.workspaces.nobodys());
    return ending;
  }

  private async *sessionsOf(user: AuthenticatedUser): AsyncGenerator<OwnSession[]> {
    let cursor: string | undefined;
    do {
      const page = await this.sessions.list(user, { limit: SESSIONS_AT_ONCE, cursor });
      yield page.items;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }
}
