import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../common/clock.js';
import type { Page } from '../common/cursor.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { BlockedHostsService } from './blocked-hosts.service.js';
import { LinkChangesService } from './link-changes.service.js';
import type { LinkEntity } from './link.entity.js';
import { LinkFactory } from './link.factory.js';
import { linkNotFound, preconditionFailed, refuseRestored } from './links.problems.js';
import { LinksRepository } from './links.repository.js';
import { LinksService } from './links.service.js';
import type { Link, LinkVersion } from './links.types.js';

/** What has become of a link, and how to get back what was. */
@Injectable()
export class LinkHistoryService {
  constructor(
    private readonly links: LinksService,
    private readonly repository: LinksRepository,
    private readonly changes: LinkChangesService,
    private readonly factory: LinkFactory,
    private readonly blockedHosts: BlockedHostsService,
    private readonly workspaces: WorkspacesService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /**
   * The versions that are on record, the newest first; also of a deleted link, for who may restore it.
   * @throws ProblemError link-not-found, invalid-request (cursor)
   */
  async list(
    userId: string,
    id: string,
    query: { limit: number; cursor?: string },
  ): Promise<Page<LinkVersion>> {
    const link = await this.find(userId, id);
    const { items, nextCursor } = await this.audit.history(link.id, query);
    return {
      items: items.map(({ linkVersion, occurredAt, actor, action, changes }) => ({
        version: linkVersion!,
        changedAt: occurredAt,
        changedBy: actor.id,
        action,
        changes,
      })),
      nextCursor,
    };
  }

  /**
   * Makes a new version of the link in which all that users can change is as it was in an older one. It is
   * not deleted in it; its workspace, and a takedown, stay. A workspace has no more links by that: deleted
   * ones count.
   * @param version undefined for a link as it was when it was deleted; one that is not deleted stays as it is
   * @param versions the versions the change is meant for; any, if undefined
   * @throws ProblemError link-not-found, forbidden, link-version-unknown, precondition-failed,
   *   external-id-taken, domain-elsewhere, invalid-request
   */
  async restore(
    userId: string,
    id: string,
    version: number | undefined,
    versions?: number[],
  ): Promise<Link> {
    const link = await this.find(userId, id);
    await this.workspaces.require(userId, link.workspaceId, 'links:write');
    if (version === undefined && !link.deletedAt) {
      const current = await this.links.get(userId, id);
      if (versions && !versions.includes(current.version)) throw preconditionFailed();
      return current;
    }
    const columnsOf = (current: LinkEntity) => this.columnsOf(current, version);
    const options = { versions, isForDeleted: true };
    const isDone = await this.changes
      .change('link.restored', link, columnsOf, options)
      .catch(refuseRestored);
    if (isDone) return this.links.get(userId, id);
    await this.find(userId, id);
    throw preconditionFailed();
  }

  /** Rules may have changed since: a target that would be refused now is refused here. */
  private async columnsOf(link: LinkEntity, version = link.version): Promise<Partial<LinkEntity>> {
    const { redirectStatus, ...state } = await this.changes.stateAt(link, version);
    const columns = this.factory.changes(state);
    await this.blockedHosts.refuseBlocked(columns);
    return { ...columns, redirectStatus, deletedAt: null, updatedAt: new Date(this.clock.now()) };
  }

  private async find(userId: string, id: string): Promise<LinkEntity> {
    if (!isUUID(id)) throw linkNotFound();
    const readable = await this.workspaces.workspaceIdsOf(userId, 'links:read');
    const writable = await this.workspaces.workspaceIdsOf(userId, 'links:write');
    const found =
      (await this.repository.find(id, readable)) ??
      (await this.repository.findDeleted(id, writable));
    if (!found) throw linkNotFound();
    return found.link;
  }
}
