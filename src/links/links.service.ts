import { Injectable, type OnModuleInit } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { LinksConfig } from '../../config/links.config.js';
import { ServerConfig } from '../../config/server.config.js';
import { Clock } from '../common/clock.js';
import { decodeCursor, encodeCursor, type Page } from '../common/cursor.js';
import { HostsService } from '../domains/hosts.service.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import type { DeletionHook } from '../workspaces/workspaces.types.js';
import { BlockedHostsService } from './blocked-hosts.service.js';
import type { LinkEntity } from './link.entity.js';
import { LinkChangesService } from './link-changes.service.js';
import { LinkFactory } from './link.factory.js';
import { LinkPasswordsService } from './link-passwords.service.js';
import { LinkPagesRepository } from './link-pages.repository.js';
import { LinkPresenter } from './link.presenter.js';
import { LinksRepository } from './links.repository.js';
import { nameOfShortUrl, searchTexts } from './search-text.js';
import {
  type Link,
  type LinkChanges,
  type LinkName,
  type LinkQuery,
  type NewLink,
  type StoredLink,
} from './links.types.js';
import {
  codeTaken,
  externalIdTaken,
  linkNotFound,
  preconditionFailed,
  refuse,
  refuseTransfer,
  refuseLimit,
  workspaceNotEmpty,
} from './links.problems.js';

/** What reads a link: itself, or its statistics. */
type Reading = 'links:read' | 'stats:read';

/** How often a generated code may turn out to be taken before something must be wrong. */
const MAX_ATTEMPTS = 20;

/** Links that are read at once for an export: they may have long URLs. */
const EXPORTED_AT_ONCE = 200;

/** What the members of a workspace can do with its links. Foreign links look as if absent. */
@Injectable()
export class LinksService implements OnModuleInit, DeletionHook {
  constructor(
    private readonly links: LinksRepository,
    private readonly pages: LinkPagesRepository,
    private readonly factory: LinkFactory,
    private readonly changes: LinkChangesService,
    private readonly workspaces: WorkspacesService,
    private readonly clock: Clock,
    private readonly server: ServerConfig,
    private readonly blockedHosts: BlockedHostsService,
    private readonly config: LinksConfig,
    private readonly passwords: LinkPasswordsService,
    private readonly hosts: HostsService,
    private readonly presenter: LinkPresenter,
  ) {}

  onModuleInit(): void {
    this.workspaces.onDeletion(this);
  }

  /**
   * What becomes of the links of a workspace that is deleted: they go to another one, or there are none.
   * @throws ProblemError workspace-not-empty, link-limit-reached, external-id-taken
   */
  async onDeleting(workspaceId: string, transferTo?: string): Promise<void> {
    const count = await this.links.countOf(workspaceId);
    if (count === 0) return;
    if (transferTo === undefined) throw workspaceNotEmpty(count);
    const limit = this.config.maxLinksPerWorkspace;
    const now = new Date(this.clock.now());
    await this.links
      .moveAll(limit, workspaceId, transferTo, now)
      .catch(refuseLimit(limit))
      .catch(refuseTransfer);
    await this.changes.recordTransfer(workspaceId, transferTo);
  }

  /**
   * @throws ProblemError invalid-request, code-taken, external-id-taken, forbidden, link-limit-reached,
   *   not-found (workspace)
   */
  async create(userId: string, { password, ...input }: NewLink): Promise<Link> {
    const { workspaceId, userId: createdBy } = await this.writable(userId, input.workspaceId);
    const limit = this.config.maxLinksPerWorkspace;
    let secret = {};
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const link = this.factory.create(input, workspaceId, createdBy);
      if (attempt === 1) {
        await this.blockedHosts.refuseBlocked(link);
        secret = await this.passwords.columnsOf(password);
      }
      Object.assign(link, secret);
      const isAdded = await this.changes
        .add(limit, link)
        .catch(refuseLimit(limit))
        .catch(refuse(input));
      if (isAdded) {
        if (input.code === undefined) this.factory.reportAttempt(false);
        return this.present({ link, clicks: 0 });
      }
      if (await this.isExternalIdTaken(link)) throw externalIdTaken('/externalId');
      if (input.code === undefined) this.factory.reportAttempt(true);
      if (input.code !== undefined) throw codeTaken(input.code);
    }
    throw new Error(`No free short code in ${MAX_ATTEMPTS} attempts.`);
  }

  /** @throws ProblemError link-not-found */
  async get(userId: string, id: string, action: Reading = 'links:read'): Promise<Link> {
    return this.present(await this.find(userId, id, action));
  }

  /**
   * The link that is called so elsewhere.
   * @param workspaceId the personal workspace if absent
   * @throws ProblemError link-not-found, forbidden, not-found (workspace)
   */
  async getByExternalId(userId: string, externalId: string, workspaceId?: string): Promise<Link> {
    const place =
      workspaceId === undefined
        ? await this.workspaces.home(userId)
        : await this.workspaces.require(userId, workspaceId, 'links:read', '?workspaceId');
    const stored = await this.links.findByExternalId(place.workspaceId, externalId);
    if (!stored) throw linkNotFound();
    return this.present(stored);
  }

  /** Those of the links that the user may see, in no order. */
  async getMany(userId: string, ids: string[], action: Reading = 'links:read'): Promise<Link[]> {
    const workspaceIds = await this.workspaces.workspaceIdsOf(userId, action);
    return this.presentMany(ids, workspaceIds);
  }

  /** Where a short code is answered. */
  shortUrl({ domain, code }: LinkName): string {
    return this.hosts.shortUrl(domain, code);
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
    { limit, cursor, q, tag, domain: host, workspaceId, isDeleted = false }: LinkQuery,
  ): Promise<Page<Link>> {
    // Those that are deleted are there for who can restore them.
    const action = isDeleted ? 'links:write' : 'links:read';
    const workspaceIds = await this.workspacesFor(action, userId, workspaceId);
    const beforeId = cursor === undefined ? undefined : decodeCursor(cursor);
    const domain = host === undefined ? undefined : this.hosts.domainOf(host);
    if (host !== undefined && domain === undefined) return { items: [], nextCursor: null };
    const name = q === undefined ? undefined : nameOfShortUrl(q, this.server.publicUrl, this.hosts);
    if (name !== undefined && name.domain === (domain ?? name.domain)) {
      const id = await this.pages.findByName(name, workspaceIds, tag, isDeleted);
      if (id !== undefined) {
        return { items: await this.presentMany([id], workspaceIds, isDeleted), nextCursor: null };
      }
    }
    // One more than asked for tells whether there is a next page.
    const { ids, searchedTo } = await this.pages.find(workspaceIds, {
      limit: limit + 1,
      beforeId,
      texts: q === undefined ? undefined : searchTexts(q),
      tag,
      domain,
      isDeleted,
    });
    const items = await this.presentMany(ids.slice(0, limit), workspaceIds, isDeleted);
    const lastId = ids.length > limit ? ids[limit - 1] : searchedTo;
    const nextCursor = lastId === undefined ? null : encodeCursor(lastId);
    return { items, nextCursor };
  }

  /**
   * Changes the link, and moves it if a workspace is named.
   * @param versions the versions the change is meant for; any, if undefined
   * @throws ProblemError invalid-request, link-not-found, forbidden, precondition-failed,
   *   external-id-taken, link-limit-reached, not-found (workspace), domain-elsewhere
   */
  async update(
    userId: string,
    id: string,
    { workspaceId, password, ...changes }: LinkChanges,
    versions?: number[],
  ): Promise<Link> {
    const link = await this.findWritable(userId, id);
    const columns = this.factory.changes(changes);
    await this.blockedHosts.refuseBlocked(columns);
    Object.assign(columns, await this.passwords.columnsOf(password));
    const target = workspaceId?.toLowerCase() ?? link.workspaceId;
    const isDone = await this.change(userId, link, columns, target, versions).catch(
      refuse(changes),
    );
    const current = await this.find(userId, id);
    if (!isDone) throw preconditionFailed();
    return this.present(current);
  }

  /** The code stays taken and answers 410; it can be restored. Throws like `update`. */
  async delete(userId: string, id: string, versions?: number[]): Promise<void> {
    const link = await this.findWritable(userId, id);
    const deletedAt = new Date(this.clock.now());
    if (await this.changes.change('link.deleted', link, () => ({ deletedAt }), { versions }))
      return;
    await this.find(userId, id);
    throw preconditionFailed();
  }

  /**
   * All links that the user has made in their workspaces, the oldest first, a few at a time: as many as
   * the reader asks for.
   */
  async *createdBy(userId: string): AsyncGenerator<Link[]> {
    const workspaceIds = await this.workspaces.workspaceIdsOf(userId, 'links:read');
    let found: StoredLink[];
    let afterId: string | undefined;
    do {
      found = await this.links.findCreated(userId, workspaceIds, EXPORTED_AT_ONCE, afterId);
      afterId = found.at(-1)?.link.id;
      yield found.map((stored) => this.present(stored));
    } while (found.length === EXPORTED_AT_ONCE);
  }

  /** All links of a workspace, the oldest first, a few at a time: as many as the reader asks for. */
  async *ofWorkspace(workspaceId: string): AsyncGenerator<Link[]> {
    let found: StoredLink[];
    let afterId: string | undefined;
    do {
      found = await this.links.findAll(workspaceId, EXPORTED_AT_ONCE, afterId);
      afterId = found.at(-1)?.link.id;
      yield found.map((stored) => this.present(stored));
    } while (found.length === EXPORTED_AT_ONCE);
  }

  /** Deletes all links of workspaces that end; their codes stay taken, in the workspace of nobody. */
  async retire(workspaceIds: string[], nobodys: string): Promise<void> {
    const retired = await this.links.retire(workspaceIds, nobodys, new Date(this.clock.now()));
    await this.changes.recordRetirement(workspaceIds, retired);
  }

  private async isExternalIdTaken({ workspaceId, externalId }: LinkEntity): Promise<boolean> {
    if (externalId === null) return false;
    return (await this.links.findByExternalId(workspaceId, externalId)) !== undefined;
  }

  private async presentMany(
    ids: string[],
    workspaceIds: string[],
    isDeleted = false,
  ): Promise<Link[]> {
    const found = await this.links.findMany(ids, workspaceIds, isDeleted);
    return found.map((stored) => this.present(stored));
  }

  private async change(
    userId: string,
    link: LinkEntity,
    columns: Partial<LinkEntity>,
    workspaceId: string,
    versions?: number[],
  ): Promise<boolean> {
    if (workspaceId === link.workspaceId) {
      return this.changes.change('link.updated', link, () => columns, { versions });
    }
    await this.workspaces.require(userId, workspaceId, 'links:write', '/workspaceId');
    const limit = this.config.maxLinksPerWorkspace;
    const move = { to: workspaceId, limit };
    return this.changes
      .change('link.moved', link, () => columns, { versions, move })
      .catch(refuseLimit(limit));
  }

  private async find(
    userId: string,
    id: string,
    action: Reading = 'links:read',
  ): Promise<StoredLink> {
    if (!isUUID(id)) throw linkNotFound();
    const stored = await this.links.find(id, await this.workspaces.workspaceIdsOf(userId, action));
    if (!stored) throw linkNotFound();
    return stored;
  }

  private async findWritable(userId: string, id: string): Promise<LinkEntity> {
    const { link } = await this.find(userId, id);
    await this.workspaces.require(userId, link.workspaceId, 'links:write');
    return link;
  }

  private async workspacesFor(
    action: 'links:read' | 'links:write',
    userId: string,
    workspaceId?: string,
  ): Promise<string[]> {
    if (workspaceId === undefined) return this.workspaces.workspaceIdsOf(userId, action);
    const place = await this.workspaces.require(userId, workspaceId, action, '?workspaceId');
    return [place.workspaceId];
  }

  private async writable(userId: string, workspaceId?: string) {
    if (workspaceId === undefined) return this.workspaces.home(userId);
    return this.workspaces.require(userId, workspaceId, 'links:write', '/workspaceId');
  }

  private present(stored: StoredLink): Link {
    return this.presenter.present(stored);
  }
}
