import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { AccountWorkspacesRepository } from './account-workspaces.repository.js';
import type { NamedMembership } from './workspaces.types.js';

/** Workspaces that are named in a refusal; who has more of them may ask again. */
const MAX_NAMED = 10;

/** What becomes of workspaces when the account of a member ends, and what its export tells of them. */
@Injectable()
export class AccountWorkspacesService {
  constructor(
    private readonly workspaces: AccountWorkspacesRepository,
    private readonly audit: AuditService,
  ) {}

  /** Where the user belongs, the oldest workspace first. */
  memberships(userId: string): Promise<NamedMembership[]> {
    return this.workspaces.findMemberships(userId);
  }

  /** Nobody comes, goes or adds links until the surrounding transaction ends. */
  lock(userId: string): Promise<void> {
    return this.workspaces.lock(userId);
  }

  /**
   * The workspaces that nobody but the user belongs to, which end with the account: call `lock` before.
   * @throws ProblemError last-owner if others would be left without an owner
   */
  async endingWith(userId: string): Promise<string[]> {
    const workspaces = await this.workspaces.findToLeave(userId);
    const orphaned = workspaces.filter(({ isAlone, isOnlyOwner }) => isOnlyOwner && !isAlone);
    if (orphaned.length > 0) throw lastOwner(orphaned.map(({ name }) => name));
    return workspaces.filter(({ isAlone }) => isAlone).map(({ id }) => id);
  }

  /** Deletes the workspaces for good, which the trail of the instance tells; their links must be elsewhere. */
  async delete(ids: string[]): Promise<void> {
    await this.workspaces.delete(ids);
    for (const id of ids) {
      const targets = [{ type: 'workspace', id }];
      await this.audit.record({ workspaceId: null, action: 'workspace.deleted', targets });
    }
  }

  /** Tells those who stay in the workspaces of the user that they have left. */
  async recordLeaving(userId: string): Promise<void> {
    for (const { workspaceId, role } of await this.workspaces.findMemberships(userId)) {
      await this.audit.record({
        workspaceId,
        action: 'member.left',
        targets: [{ type: 'user', id: userId }],
        changes: { role: { from: role, to: null } },
      });
    }
  }

  /** The workspace of links that are gone for good, of which only the code is left; nobody sees it. */
  nobodys(): Promise<string> {
    return this.workspaces.ensureNobodys();
  }
}

function lastOwner(names: string[]): ProblemError {
  const named = names.slice(0, MAX_NAMED).map((name) => `"${name}"`);
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  return new ProblemError('last-owner', {
    detail: `You are the only owner of ${named.join(', ')}${more}. Make another member owner first.`,
  });
}
