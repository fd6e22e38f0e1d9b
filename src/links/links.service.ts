import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { LinksConfig } from '../../config/links.config.js';
import { ServerConfig } from '../../config/server.config.js';
import { Clock } from '../common/clock.js';
import { decodeCursor, encodeCursor } from '../common/cursor.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { canWrite } from '../workspaces/workspaces.types.js';
import { BlockedHostsService } from './blocked-hosts.service.js';
import { LinkFactory } from './link.factory.js';
import { LinkPagesRepository } from './link-pages.repository.js';
import { LinksRepository } from './links.repository.js';
import { codeOfShortUrl, searchTexts } from './search-text.js';
import {
  type Link,
  type LinkChanges,
  type LinkQuery,
  type NewLink,
  type Page,
  type RedirectStatus,
  type StoredLink,
} from './links.types.js';
import {
  codeTaken,
  linkNotFound,
  preconditionFailed,
  refuseLimit,
  refuseValidity,
  unknownWorkspace,
} from './links.problems.js';

/** How often a generated code may turn out to be taken before something must be wrong. */
const MAX_ATTEMPTS = 20;

/** Links that are read at once for an export: they may have long URLs. */
const EXPORTED_AT_ONCE = 200;

/** What the members of a workspace can do with its links. Foreign links look as if absent. */
@Injectable()
export class LinksService {
  constructor(
    private readonly links: LinksRepository,
    private readonly pages: LinkPagesRepository,
    private readonly factory: LinkFactory,
    private readonly workspaces: WorkspacesService,
    private readonly clock: Clock,
    private readonly server: ServerConfig,
    private readonly blockedHosts: BlockedHostsService,
    private readonly config: LinksConfig,
  ) {}

  /** @throws ProblemError invalid-request, code-taken, forbidden, link-limit-reached */
  async create(userId: string, input: NewLink): Promise<Link> {
    const workspaceId = await this.writableWorkspace(userId, input.workspaceId);
    const limit = this.config.maxLinksPerWorkspace;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const link = this.factory.create(input, workspaceId, userId);
      if (attempt === 1) await this.blockedHosts.refuseBlocked(link.url);
      const isAdded = await this.links
        .insertWithin(limit, link)
        .catch(refuseLimit(limit))
        .catch(refuseValidity(input));
      if (input.code === undefined) this.factory.reportAttempt(!isAdded);
      if (isAdded) return this.present({ link, clicks: 0 });
      if (input.code !== undefined) throw codeTaken(input.code);
    }
    throw new Error(`No free short code in ${MAX_ATTEMPTS} attempts.`);
  }

  /** @throws ProblemError link-not-found */
  async get(userId: string, id: string): Promise<Link> {
    return this.present(await this.find(userId, id));
  }

  /** Those of the links that the user may see, in no order. */
  async getMany(userId: string, ids: string[]): Promise<Link[]> {
    const workspaceIds = await this.workspaces.workspaceIdsOf(userId);
    return this.presentMany(ids, workspaceIds);
  }

  /** Where a short code is answered. */
  shortUrl(code: string): string {
    return `${this.server.publicUrl}/${code}`;
  }

  /** Where the API answers for a link: a path on the host of PUBLIC_URL, which may have one itself. */
  apiPath(id: string): string {
    return `${new URL(this.server.publicUrl).pathname.replace(/\/$/, '')}/api/v1/links/${id}`;
  }

  /**
   * The newest links that match; of a short URL of this service the link that it belongs to. A page of a search may hold less than `limit`, when it took too
   * much work to find more: only `nextCursor` null says that it is the last.
   * @throws ProblemError invalid-request (cursor), not-found (workspace)
   */
  async list(
    userId: string,
    { limit, cursor, q, tag, workspaceId }: LinkQuery,
  ): Promise<Page<Link>> {
    const workspaceIds = await this.readableWorkspaces(userId, workspaceId);
    const beforeId = cursor === undefined ? undefined : decodeCursor(cursor);
    const code = q === undefined ? undefined : codeOfShortUrl(q, this.server.publicUrl);
    if (code !== undefined) {
      const id = await this.pages.findByCode(code, workspaceIds, tag);
      if (id !== undefined) {
        return { items: await this.presentMany([id], workspaceIds), nextCursor: null };
      }
    }
    // One more than asked for tells whether there is a next page.
    const { ids, searchedTo } = await this.pages.find(workspaceIds, {
      limit: limit + 1,
      beforeId,
      texts: q === undefined ? undefined : searchTexts(q),
      tag,
    });
    const items = await this.presentMany(ids.slice(0, limit), workspaceIds);
    const lastId = ids.length > limit ? ids[limit - 1] : searchedTo;
    const nextCursor = lastId === undefined ? null : encodeCursor(lastId);
    return { items, nextCursor };
  }

  /**
   * @param versions the versions the change is meant for; any, if undefined
   * @throws ProblemError invalid-request, link-not-found, forbidden, precondition-failed
   */
  async update(
    userId: string,
    id: string,
    changes: LinkChanges,
    versions?: number[],
  ): Promise<Link> {
    await this.findWritable(userId, id);
    const columns = this.factory.changes(changes);
    if (columns.url !== undefined) await this.blockedHosts.refuseBlocked(columns.url);
    const done = await this.links.update(id, columns, versions).catch(refuseValidity(changes));
    const current = await this.find(userId, id);
    if (!done) throw preconditionFailed();
    return this.present(current);
  }

  /** Deletes for good what users see; the code stays taken and answers 410. Throws like `update`. */
  async delete(userId: string, id: string, versions?: number[]): Promise<void> {
    await this.findWritable(userId, id);
    const deletedAt = new Date(this.clock.now());
    if (await this.links.update(id, { deletedAt }, versions)) return;
    await this.find(userId, id);
    throw preconditionFailed();
  }

  /**
   * All links that the user has made in their workspaces, the oldest first, a few at a time: as many as
   * the reader asks for.
   */
  async *createdBy(userId: string): AsyncGenerator<Link[]> {
    const workspaceIds = await this.workspaces.workspaceIdsOf(userId);
    let found: StoredLink[];
    let afterId: string | undefined;
    do {
      found = await this.links.findCreated(userId, workspaceIds, EXPORTED_AT_ONCE, afterId);
      afterId = found.at(-1)?.link.id;
      yield found.map((stored) => this.present(stored));
    } while (found.length === EXPORTED_AT_ONCE);
  }

  /** Deletes all links of workspaces that end; their codes stay taken, in the workspace of nobody. */
  async retire(workspaceIds: string[], nobodys: string): Promise<void> {
    await this.links.retire(workspaceIds, nobodys, new Date(this.clock.now()));
  }

  private async presentMany(ids: string[], workspaceIds: string[]): Promise<Link[]> {
    const found = await this.links.findMany(ids, workspaceIds);
    return found.map((stored) => this.present(stored));
  }

  private async find(userId: string, id: string): Promise<StoredLink> {
    if (!isUUID(id)) throw linkNotFound();
    const stored = await this.links.find(id, await this.workspaces.workspaceIdsOf(userId));
    if (!stored) throw linkNotFound();
    return stored;
  }

  private async findWritable(userId: string, id: string): Promise<void> {
    const { link } = await this.find(userId, id);
    await this.writableWorkspace(userId, link.workspaceId);
  }

  private async readableWorkspaces(userId: string, workspaceId?: string): Promise<string[]> {
    if (workspaceId === undefined) return this.workspaces.workspaceIdsOf(userId);
    if (await this.workspaces.membership(userId, workspaceId)) return [workspaceId];
    throw unknownWorkspace('?workspaceId');
  }

  private async writableWorkspace(userId: string, workspaceId?: string): Promise<string> {
    if (workspaceId === undefined) return this.workspaces.personalWorkspaceId(userId);
    const membership = await this.workspaces.membership(userId, workspaceId);
    if (!membership) throw unknownWorkspace('/workspaceId');
    if (!canWrite(membership.role)) {
      throw new ProblemError('forbidden', {
        detail: 'Viewers of a workspace cannot change its links.',
      });
    }
    return membership.workspaceId;
  }

  private present({ link, clicks }: StoredLink): Link {
    const { deletedAt: _, disabledBy: __, redirectStatus, ...fields } = link;
    return {
      ...fields,
      redirectStatus: redirectStatus as RedirectStatus,
      domain: link.domain || new URL(this.server.publicUrl).host,
      shortUrl: this.shortUrl(link.code),
      clicks,
    };
  }
}
