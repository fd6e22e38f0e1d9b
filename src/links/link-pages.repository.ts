import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../database/database.service.js';
import type { FoundLinks, LinkFilter } from './links.types.js';

/**
 * The words of links_search_idx: the planner uses the index only for the very same expression. With
 * the collation of `code`, which it would have otherwise, only A to Z would be lowered.
 */
const SEARCH_TEXT = `lower((code || ' ' || coalesce(title, '') || ' ' || url) COLLATE "default")`;

/** How much work a page may be, in links, however many there are. */
export interface SearchLimits {
  /** Looked through one by one at first: finds what at least one in 200 links has. */
  walk: number;
  /** Taken from the indexes of tags and texts: finds what few links have. */
  matches: number;
  /** Looked through at last. */
  longWalk: number;
}

const LIMITS: SearchLimits = { walk: 10_000, matches: 5_000, longWalk: 50_000 };

/**
 * The planner knows how many links a workspace has on average, and how many links match on average.
 * One with a million links is not to be sorted because most have ten, nor to be looked through for
 * what it has not got. These are the ways it must not take, to a page in order and to all matches.
 */
const IN_ORDER = ['enable_seqscan', 'enable_bitmapscan', 'enable_sort'];
const BY_MATCH = ['enable_seqscan', 'enable_indexscan'];

/** The order of links_workspace_id_idx, and not of the primary key: no id is null. */
const NEWEST_FIRST = 'id DESC NULLS LAST';

/** What LIKE can look up in a trigram index, whatever the locale of the database. */
const TRIGRAM = /[A-Za-z0-9]{3}/;

/**
 * Pages of links, the newest first, by bounded work. Nobody knows how many links match before they
 * are looked at, and no single plan is good for all: to look through the links takes for ever if
 * few match, and an index gives all that do, which may be half a million, to find the newest among
 * them. So a short walk comes first and the index second.
 */
@Injectable()
export class LinkPagesRepository {
  constructor(private readonly database: DatabaseService) {}

  /** The newest links of the workspaces that pass the filter: up to `filter.limit` of them. */
  async find(
    workspaceIds: string[],
    filter: LinkFilter,
    limits: SearchLimits = LIMITS,
  ): Promise<FoundLinks> {
    const search = searchFor(workspaceIds, filter);
    if (search.matching === '') return { ids: await this.newest(search) };
    const walked = await this.walk(search, limits.walk);
    if (walked.ids.length >= filter.limit || walked.searchedTo === undefined) return walked;
    if (filter.tag !== undefined || TRIGRAM.test(filter.search!)) {
      const matches = await this.matches(search, limits.matches + 1);
      if (matches.length <= limits.matches) {
        return { ids: matches.toSorted().toReversed().slice(0, filter.limit) };
      }
    }
    return this.walk(search, limits.longWalk);
  }

  /** One ordered index scan per workspace, merged: a plain "= ANY" would sort all of their links. */
  private async newest({ workspaceIds, candidates, limit, values }: Search): Promise<string[]> {
    const rows = await this.query<{ id: string }>(
      IN_ORDER,
      `SELECT page.id FROM unnest($1::uuid[]) AS workspace (id) CROSS JOIN LATERAL (
         SELECT id FROM links WHERE ${candidates} ORDER BY ${NEWEST_FIRST} LIMIT $2::int
       ) AS page ORDER BY page.id DESC LIMIT $2::int`,
      [workspaceIds, limit, ...values],
    );
    return rows.map(({ id }) => id);
  }

  /** Looks through so many links and no more, an equal share of every workspace. */
  private async walk(search: Search, links: number): Promise<FoundLinks> {
    const { workspaceIds, candidates, matching, limit, values } = search;
    const share = `$${values.length + 3}::int`;
    // Where a workspace has more links than its share, older ones are left to the next page.
    const [row] = await this.query<{ ids: string[]; searched_to: string | null }>(
      IN_ORDER,
      `WITH border AS (
         SELECT last.id FROM unnest($1::uuid[]) AS workspace (id) CROSS JOIN LATERAL (
           SELECT id FROM links WHERE ${candidates}
           ORDER BY ${NEWEST_FIRST} LIMIT 1 OFFSET ${share} - 1
         ) AS last ORDER BY last.id DESC LIMIT 1
       )
       SELECT (SELECT id FROM border) AS searched_to, ARRAY(
         SELECT found.id FROM unnest($1::uuid[]) AS workspace (id) CROSS JOIN LATERAL (
           SELECT id FROM (
             SELECT id, code, title, url, tags FROM links
             WHERE ${candidates} ORDER BY ${NEWEST_FIRST} LIMIT ${share}
           ) AS walked WHERE ${matching} ORDER BY ${NEWEST_FIRST} LIMIT $2::int
         ) AS found
         WHERE (found.id < (SELECT id FROM border)) IS NOT TRUE
         ORDER BY found.id DESC LIMIT $2::int
       ) AS ids`,
      [workspaceIds, limit, ...values, Math.ceil(links / Math.max(1, workspaceIds.length))],
    );
    return { ids: row!.ids, searchedTo: row!.searched_to ?? undefined };
  }

  /** All that match, in no order, but no more than so many. */
  private async matches(search: Search, most: number): Promise<string[]> {
    const { workspaceIds, candidates, matching, values } = search;
    const rows = await this.query<{ id: string }>(
      BY_MATCH,
      `SELECT found.id FROM unnest($1::uuid[]) AS workspace (id) CROSS JOIN LATERAL (
         SELECT id FROM links WHERE ${candidates} AND ${matching}
       ) AS found LIMIT $2::int`,
      [workspaceIds, most, ...values],
    );
    return rows.map(({ id }) => id);
  }

  /** Without the ways to a result that take for ever should the planner have guessed wrongly. */
  private query<Row>(without: string[], sql: string, parameters: unknown[]): Promise<Row[]> {
    return this.database.transaction(async () => {
      await this.database.query(
        `SELECT set_config(way, 'off', true) FROM unnest($1::text[]) AS way`,
        [without],
      );
      return this.database.query<Row>(sql, parameters);
    });
  }
}

/** What to look for, as SQL; `values` are its parameters from $3 on. */
interface Search {
  workspaceIds: string[];
  /** The links that a page is chosen from. */
  candidates: string;
  /** What the filter asks of them; empty if nothing. */
  matching: string;
  limit: number;
  values: unknown[];
}

function searchFor(workspaceIds: string[], filter: LinkFilter): Search {
  const values: unknown[] = [];
  const use = (value: unknown): string => `$${values.push(value) + 2}`;
  const candidates = ['workspace_id = workspace.id', 'deleted_at IS NULL'];
  if (filter.beforeId) candidates.push(`id < ${use(filter.beforeId)}`);
  const matching: string[] = [];
  if (filter.tag !== undefined) matching.push(`tags @> ARRAY[${use(filter.tag)}]::text[]`);
  if (filter.search) {
    matching.push(`${SEARCH_TEXT} LIKE lower(${use(`%${escapeLike(filter.search)}%`)})`);
  }
  return {
    workspaceIds,
    candidates: candidates.join(' AND '),
    matching: matching.join(' AND '),
    limit: filter.limit,
    values,
  };
}

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&');
