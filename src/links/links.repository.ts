import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import { violates } from '../database/constraint-violation.js';
import { DatabaseService } from '../database/database.service.js';
import { LinkEntity } from './link.entity.js';
import { creatorGone } from './links.problems.js';
import {
  InvalidValidity,
  type StoredLink,
  type Takedown,
  TooManyLinks,
  WorkspaceGone,
} from './links.types.js';
import { searchColumns } from './search-text.js';

/** Links that are retired by one statement, which may take only so long. */
const RETIRED_AT_ONCE = 10_000;

/** Links that a statement moves: so few that it ends long before statement_timeout. */
const MOVED_AT_ONCE = 5_000;

type Changes = Partial<Omit<LinkEntity, 'id' | 'version'>>;

@Injectable()
export class LinksRepository {
  constructor(private readonly database: DatabaseService) {}

  /**
   * Adds the links whose code is free and returns the codes that were added.
   * @throws InvalidValidity, WorkspaceGone
   */
  async insertUnlessTaken(links: LinkEntity[]): Promise<Set<string>> {
    const result = await this.database
      .repository(LinkEntity)
      .createQueryBuilder()
      .insert()
      .values(links.map((link) => Object.assign(new LinkEntity(), link, searchColumns(link))))
      .orIgnore()
      .returning('code')
      .updateEntity(false)
      .execute()
      .catch(translateViolation);
    return new Set((result.raw as { code: string }[]).map((row) => row.code));
  }

  /**
   * Adds the link if its code is free, and tells whether it did, unless its workspace then had more
   * than `limit` links, deleted ones included; 0 is no limit. Exact, since those who add links to the
   * same workspace come one after the other.
   * @throws InvalidValidity, TooManyLinks, WorkspaceGone
   */
  async insertWithin(limit: number, link: LinkEntity): Promise<boolean> {
    if (limit === 0) return (await this.insertUnlessTaken([link])).size === 1;
    return this.database.transaction(async () => {
      await this.insistOnRoom(limit, link.workspaceId);
      return (await this.insertUnlessTaken([link])).size === 1;
    });
  }

  /** The link, if it exists, is not deleted and belongs to one of the workspaces. */
  async find(id: string, workspaceIds: string[]): Promise<StoredLink | undefined> {
    const [link] = await this.load((query) =>
      query
        .where('link.id = :id AND link.workspace_id = ANY(:workspaceIds)', { id, workspaceIds })
        .andWhere('link.deleted_at IS NULL'),
    );
    return link;
  }

  /** Those of the links that `find` would find, the newest first. */
  async findMany(ids: string[], workspaceIds: string[]): Promise<StoredLink[]> {
    if (ids.length === 0) return [];
    return this.load((query) =>
      query
        .where('link.id = ANY(:ids) AND link.workspace_id = ANY(:workspaceIds)', {
          ids,
          workspaceIds,
        })
        .andWhere('link.deleted_at IS NULL')
        .orderBy('link.id', 'DESC'),
    );
  }

  /** The links that the user has made in these workspaces, the oldest first. */
  findCreated(
    userId: string,
    workspaceIds: string[],
    limit: number,
    afterId?: string,
  ): Promise<StoredLink[]> {
    return this.load((query) => {
      query
        .where('link.created_by = :userId AND link.deleted_at IS NULL', { userId })
        .andWhere('link.workspace_id = ANY(:workspaceIds)', { workspaceIds });
      if (afterId !== undefined) query.andWhere('link.id > :afterId', { afterId });
      return query.orderBy('link.id', 'ASC').limit(limit);
    });
  }

  /**
   * Deletes all links of the workspaces and moves them to another one, with nothing left of them but the
   * code, which stays taken. Call it in a transaction in which nobody adds any.
   */
  async retire(workspaceIds: string[], to: string, at: Date): Promise<void> {
    for (const which of ['deleted_at IS NULL', 'deleted_at IS NOT NULL']) {
      for (let retired = RETIRED_AT_ONCE; retired === RETIRED_AT_ONCE;) {
        const [row] = await this.database.query<{ retired: number }>(
          `WITH retired AS (
             UPDATE links SET workspace_id = $2, deleted_at = coalesce(deleted_at, $3),
               url = 'about:blank', title = NULL, tags = '{}', search_url = '', search_title = '',
               version = version + 1, updated_at = $3
             WHERE id IN (
               SELECT id FROM links WHERE workspace_id = ANY($1) AND ${which} LIMIT $4
             ) RETURNING 1
           ) SELECT count(*)::int AS retired FROM retired`,
          [workspaceIds, to, at, RETIRED_AT_ONCE],
        );
        retired = row!.retired;
      }
    }
  }

  /**
   * Changes the link if it is still in the workspace and has one of the versions (any version if none is
   * given), and tells whether it did.
   * @throws InvalidValidity, WorkspaceGone
   */
  async update(
    { id, workspaceId }: Pick<LinkEntity, 'id' | 'workspaceId'>,
    changes: Changes,
    versions?: number[],
  ): Promise<boolean> {
    const query = this.database
      .repository(LinkEntity)
      .createQueryBuilder()
      .update()
      .set({ ...changes, ...searchColumns(changes), version: () => 'version + 1' })
      .where('id = :id AND workspace_id = :workspaceId', { id, workspaceId })
      .andWhere('deleted_at IS NULL');
    if (versions) query.andWhere('version = ANY(:versions)', { versions });
    const result = await query.execute().catch(translateViolation);
    return result.affected === 1;
  }

  /**
   * `update` that moves the link to another workspace, unless that then had more than `limit` links; 0 is
   * no limit.
   * @throws InvalidValidity, WorkspaceGone, TooManyLinks
   */
  move(
    limit: number,
    link: Pick<LinkEntity, 'id' | 'workspaceId'>,
    changes: Changes & Pick<LinkEntity, 'workspaceId'>,
    versions?: number[],
  ): Promise<boolean> {
    return this.database.transaction(async () => {
      // Workspaces first and links second, as in a transfer of all: so they never wait for each other.
      await this.insistOnRoom(limit || Infinity, changes.workspaceId);
      return this.update(link, changes, versions);
    });
  }

  /**
   * Moves all links of a workspace, deleted ones included, in the surrounding transaction, which has locked
   * both workspaces.
   * @throws TooManyLinks
   */
  async moveAll(limit: number, from: string, to: string, updatedAt: Date): Promise<void> {
    const links = (await this.countOf(from)) + (await this.countOf(to));
    if (limit > 0 && links > limit) throw new TooManyLinks();
    // A cursor, because each of many statements would look again at what those before it have moved.
    await this.database.query(
      'DECLARE moving NO SCROLL CURSOR FOR SELECT id FROM links WHERE workspace_id = $1',
      [from],
    );
    for (;;) {
      const batch = await this.database.query<{ id: string }>(`FETCH ${MOVED_AT_ONCE} FROM moving`);
      if (batch.length === 0) break;
      await this.database
        .repository(LinkEntity)
        .createQueryBuilder()
        .update()
        .set({ workspaceId: to, updatedAt, version: () => 'version + 1' })
        .where('id = ANY(:ids)', { ids: batch.map(({ id }) => id) })
        .execute();
    }
    await this.database.query('CLOSE moving');
  }

  /** The link of any workspace, also a deleted one. */
  async findTakedown(code: string): Promise<Takedown | undefined> {
    const link = await this.database.repository(LinkEntity).findOne({
      select: {
        code: true,
        url: true,
        workspaceId: true,
        createdBy: true,
        disabledAt: true,
        disabledBy: true,
        disabledReason: true,
      },
      where: { domain: '', code },
    });
    return link ?? undefined;
  }

  /** Changes the link of any workspace, also a deleted one. */
  async setTakedown(code: string, changes: Changes): Promise<void> {
    await this.database
      .repository(LinkEntity)
      .createQueryBuilder()
      .update()
      .set({ ...changes, version: () => 'version + 1' })
      .where(`domain = '' AND code = :code`, { code })
      .execute();
  }

  /** How many links the workspace has, deleted ones included. */
  async countOf(workspaceId: string): Promise<number> {
    const [row] = await this.database.query<{ links: string | null }>(
      'SELECT sum(links) AS links FROM workspace_link_counts WHERE workspace_id = $1',
      [workspaceId],
    );
    return Number(row!.links ?? 0);
  }

  /** Keeps others from adding links to the workspace, until the surrounding transaction ends. */
  private async insistOnRoom(limit: number, workspaceId: string): Promise<void> {
    await this.database.query('SELECT FROM workspaces WHERE id = $1 FOR NO KEY UPDATE', [
      workspaceId,
    ]);
    if ((await this.countOf(workspaceId)) >= limit) throw new TooManyLinks();
  }

  /** Links with their click totals, which the ingester keeps in a table of its own. */
  private async load(
    select: (query: SelectQueryBuilder<LinkEntity>) => SelectQueryBuilder<LinkEntity>,
  ): Promise<StoredLink[]> {
    const query = this.database
      .repository(LinkEntity)
      .createQueryBuilder('link')
      .leftJoin('link_totals', 'total', 'total.link_id = link.id')
      .addSelect('coalesce(total.clicks, 0)', 'total_clicks');
    const { entities, raw } = await select(query).getRawAndEntities<{ total_clicks: string }>();
    return entities.map((link, index) => ({ link, clicks: Number(raw[index]!.total_clicks) }));
  }
}

/** The account or the workspace has ended while its link was made. */
function translateViolation(error: unknown): never {
  if (violates(error, 'links_validity_check')) throw new InvalidValidity();
  if (violates(error, 'links_workspace_id_fkey')) throw new WorkspaceGone();
  if (violates(error, 'links_created_by_fkey')) throw creatorGone();
  throw error;
}
