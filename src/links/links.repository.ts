import { Injectable } from '@nestjs/common';
import type { FindOptionsWhere, SelectQueryBuilder } from 'typeorm';
import { violates } from '../platform/database/constraint-violation.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { LinkEntity } from './link.entity.js';
import { creatorGone } from './links.problems.js';
import {
  DomainElsewhere,
  ExternalIdTaken,
  InvalidValidity,
  type LinkName,
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

/** More links that change with one statement are announced as if all had changed, and all are asked for again. */
const ANNOUNCED_AT_ONCE = 100;

@Injectable()
export class LinksRepository {
  constructor(private readonly database: DatabaseService) {}

  /**
   * Adds the links whose code and external id are free and returns the ids of those that were added.
   * @throws InvalidValidity, WorkspaceGone, DomainElsewhere
   */
  async insertUnlessTaken(links: LinkEntity[]): Promise<Set<string>> {
    const added = new Set<string>();
    // In the order of their names, so that two who want the same ones seldom wait for each other in a circle.
    for (const some of announced(links.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)))) {
      const result = await this.database
        .repository(LinkEntity)
        .createQueryBuilder()
        .insert()
        .values(some.map((link) => Object.assign(new LinkEntity(), link, searchColumns(link))))
        .orIgnore()
        .returning('id')
        .updateEntity(false)
        .execute()
        .catch(translateViolation);
      for (const { id } of result.raw as { id: string }[]) added.add(id);
    }
    return added;
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

  /** The link of the workspace that has this external id, if it is not deleted. */
  async findByExternalId(workspaceId: string, externalId: string): Promise<StoredLink | undefined> {
    const [link] = await this.load((query) =>
      query
        .where('link.workspace_id = :workspaceId AND link.external_id = :externalId')
        .andWhere('link.deleted_at IS NULL')
        .setParameters({ workspaceId, externalId }),
    );
    return link;
  }

  /** The link, if it is deleted and belonged to one of the workspaces. */
  async findDeleted(id: string, workspaceIds: string[]): Promise<StoredLink | undefined> {
    const [link] = await this.findMany([id], workspaceIds, true);
    return link;
  }

  /** Those of the links that are in the workspaces, and deleted or not, the newest first. */
  async findMany(ids: string[], workspaceIds: string[], isDeleted = false): Promise<StoredLink[]> {
    if (ids.length === 0) return [];
    return this.load((query) =>
      query
        .where('link.id = ANY(:ids) AND link.workspace_id = ANY(:workspaceIds)', {
          ids,
          workspaceIds,
        })
        .andWhere(`link.deleted_at IS ${isDeleted ? 'NOT NULL' : 'NULL'}`)
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

  /** The links of the workspace, the oldest first, in the order of links_workspace_id_idx. */
  findAll(workspaceId: string, limit: number, afterId?: string): Promise<StoredLink[]> {
    return this.load((query) => {
      query.where('link.workspace_id = :workspaceId AND link.deleted_at IS NULL', { workspaceId });
      if (afterId !== undefined) query.andWhere('link.id > :afterId', { afterId });
      return query.orderBy('link.id', 'ASC', 'NULLS FIRST').limit(limit);
    });
  }

  /**
   * Deletes all links of the workspaces and moves them to another one, with nothing left of them but the
   * code, which stays taken, and tells how many. Call it in a transaction in which nobody adds any.
   */
  async retire(workspaceIds: string[], to: string, at: Date): Promise<number> {
    let total = 0;
    for (const which of ['deleted_at IS NULL', 'deleted_at IS NOT NULL']) {
      for (let retired = RETIRED_AT_ONCE; retired === RETIRED_AT_ONCE;) {
        const [row] = await this.database.query<{ retired: number }>(
          `WITH retired AS (
             UPDATE links SET workspace_id = $2, deleted_at = coalesce(deleted_at, $3),
               url = 'about:blank', external_id = NULL, title = NULL, tags = '{}', search_url = '',
               search_title = '', note = NULL, fallback_url = NULL, password_hash = NULL,
               password_set_at = NULL, rules = NULL, split = NULL,
               version = version + 1, updated_at = $3
             WHERE id IN (
               SELECT id FROM links WHERE workspace_id = ANY($1) AND ${which} LIMIT $4
             ) RETURNING 1
           ) SELECT count(*)::int AS retired FROM retired`,
          [workspaceIds, to, at, RETIRED_AT_ONCE],
        );
        retired = row!.retired;
        total += retired;
      }
    }
    return total;
  }

  /** The link as it is now, if it is still in the workspace; it stays so until the transaction ends. */
  lock({
    id,
    workspaceId,
  }: Pick<LinkEntity, 'id' | 'workspaceId'>): Promise<LinkEntity | undefined> {
    return this.lockBy({ id, workspaceId });
  }

  /** The link of any workspace with this code, also a deleted one; it stays so until the transaction ends. */
  lockByCode({ domain, code }: LinkName): Promise<LinkEntity | undefined> {
    return this.lockBy({ domain, code });
  }

  /**
   * The links of these workspaces that have one of the ids, or one of the external ids in the first of
   * `externalIds`, and are not deleted; they stay so until the transaction ends. Always locked in one order, so
   * that two who want the same links do not wait for each other in a circle.
   */
  lockAll(
    workspaceIds: string[],
    ids: string[],
    { workspaceId, externalIds }: { workspaceId?: string; externalIds: string[] },
  ): Promise<LinkEntity[]> {
    return (
      this.database
        .repository(LinkEntity)
        .createQueryBuilder('link')
        // All that updateAll may write, or a link would lose it with the change of another one.
        .addSelect('link.passwordHash')
        .setLock('for_no_key_update')
        .where('link.workspace_id = ANY(:workspaceIds) AND link.deleted_at IS NULL', {
          workspaceIds,
        })
        .andWhere(
          `(link.id = ANY(:ids)
          OR link.workspace_id = :workspaceId AND link.external_id = ANY(:externalIds))`,
          { ids, workspaceId: workspaceId ?? null, externalIds },
        )
        .orderBy('link.id')
        .getMany()
    );
  }

  /**
   * Gives links that are locked what they have here in these fields, and a new version. Each link has to have
   * been read with all of them, since they are written of all links.
   * @throws InvalidValidity, ExternalIdTaken, WorkspaceGone, DomainElsewhere
   */
  async updateAll(links: LinkEntity[], fields: Set<string>): Promise<void> {
    const { columns } = this.database.repository(LinkEntity).metadata;
    const names = new Set([...fields, ...(fields.has('title') ? ['searchTitle'] : [])]);
    if (fields.has('url')) names.add('searchUrl');
    const changed = columns.filter(({ propertyName }) => names.has(propertyName));
    const values = changed.map(({ databaseName: name }) => `"${name}" = changed."${name}"`);
    for (const some of announced(links)) {
      const rows = some.map((link) => {
        const all = Object.assign(new LinkEntity(), link, searchColumns(link));
        return Object.fromEntries([
          ['id', link.id],
          ...changed.map((column) => [column.databaseName, known(column.getEntityValue(all))]),
        ]) as object;
      });
      await this.database
        .query(
          `UPDATE links SET ${[...values, 'version = links.version + 1'].join(', ')}
           FROM jsonb_populate_recordset(NULL::links, $1) AS changed WHERE links.id = changed.id`,
          [JSON.stringify(rows)],
        )
        .catch(translateViolation);
    }
  }

  /** Those of the workspaces that some of the links are in. */
  async workspacesOf(ids: string[], workspaceIds: string[]): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT DISTINCT workspace_id AS id FROM links WHERE id = ANY($1) AND workspace_id = ANY($2)`,
      [ids, workspaceIds],
    );
    return rows.map(({ id }) => id);
  }

  /** How often the links were clicked, as far as they were. */
  async clicksOf(ids: string[]): Promise<Map<string, number>> {
    const rows = await this.database.query<{ id: string; clicks: string }>(
      'SELECT link_id AS id, clicks FROM link_totals WHERE link_id = ANY($1)',
      [ids],
    );
    return new Map(rows.map(({ id, clicks }) => [id, Number(clicks)]));
  }

  /**
   * Moves all links of a workspace, deleted ones included, in the surrounding transaction, which has locked
   * both workspaces.
   * @throws TooManyLinks, ExternalIdTaken
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
        .execute()
        .catch(translateViolation);
    }
    await this.database.query('CLOSE moving');
  }

  /** The link of any workspace, also a deleted one. */
  async findTakedown({ domain, code }: LinkName): Promise<Takedown | undefined> {
    const link = await this.database.repository(LinkEntity).findOne({
      select: {
        domain: true,
        code: true,
        url: true,
        workspaceId: true,
        createdBy: true,
        disabledAt: true,
        disabledBy: true,
        disabledReason: true,
        fallbackUrl: true,
        rules: true,
        split: true,
      },
      where: { domain, code },
    });
    if (!link) return undefined;
    const { fallbackUrl, rules, split, ...fields } = link;
    const elsewhere = [...(rules ?? []), ...(split ?? [])].map(({ url }) => url);
    return { ...fields, otherUrls: [...elsewhere, ...(fallbackUrl === null ? [] : [fallbackUrl])] };
  }

  /** How many links the workspace has, deleted ones included. */
  async countOf(workspaceId: string): Promise<number> {
    const [row] = await this.database.query<{ links: string | null }>(
      'SELECT sum(links) AS links FROM workspace_link_counts WHERE workspace_id = $1',
      [workspaceId],
    );
    return Number(row!.links ?? 0);
  }

  /**
   * Keeps others from adding links to the workspace, until the surrounding transaction ends; 0 is no limit.
   * @throws TooManyLinks
   */
  async insistOnRoom(limit: number, workspaceId: string): Promise<void> {
    await this.database.query('SELECT FROM workspaces WHERE id = $1 FOR NO KEY UPDATE', [
      workspaceId,
    ]);
    if ((await this.countOf(workspaceId)) >= (limit || Infinity)) throw new TooManyLinks();
  }

  /** Those of the workspaces that exist: they do, and nobody else adds many links, until the transaction ends. */
  async lockWorkspaces(ids: string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ id: string }>(
      'SELECT id FROM workspaces WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE',
      [ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  private async lockBy(where: FindOptionsWhere<LinkEntity>): Promise<LinkEntity | undefined> {
    const lock = { mode: 'for_no_key_update' } as const;
    return (await this.database.repository(LinkEntity).findOne({ where, lock })) ?? undefined;
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

/** What was not read of a link would be written as null. */
function known(value: unknown): unknown {
  if (value === undefined) throw new Error('A column that is to be written was not read.');
  return value;
}

const nameOf = ({ domain, code }: LinkEntity): string => `${domain} ${code}`;

function* announced(links: LinkEntity[]): Generator<LinkEntity[]> {
  for (let from = 0; from < links.length; from += ANNOUNCED_AT_ONCE) {
    yield links.slice(from, from + ANNOUNCED_AT_ONCE);
  }
}

/** The account or the workspace has ended while its link was made. */
function translateViolation(error: unknown): never {
  if (violates(error, 'links_external_id_key')) throw new ExternalIdTaken();
  if (violates(error, 'links_validity_check')) throw new InvalidValidity();
  if (violates(error, 'links_domain_fkey')) throw new DomainElsewhere();
  if (violates(error, 'links_workspace_id_fkey')) throw new WorkspaceGone();
  if (violates(error, 'links_created_by_fkey')) throw creatorGone();
  throw error;
}
