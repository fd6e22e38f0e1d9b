import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../platform/database/database.service.js';
import { isStatementTimeout } from '../platform/database/statement-timeout.js';
import { expectedMatches, type PlanRow } from './expected-matches.js';
import { type LinkSearch, searchFor } from './link-search.js';
import type { FoundLinks, LinkFilter, LinkName } from './links.types.js';

/** How much work a page may be, in links, however many there are. */
export interface SearchLimits {
  /** Looked through one by one at first: finds what at least one in 200 links has. */
  walk: number;
  /** Taken from the indexes of tags and texts: finds what few links have. */
  matches: number;
  /** The indexes are not asked if PostgreSQL, which may be far off, expects more matches. */
  expectedMatches: number;
  /**
   * How long the indexes may take, in milliseconds: rare words may consist of common letters. PGlite has
   * no statement_timeout.
   */
  matchingMs: number;
}

const LIMITS: SearchLimits = {
  walk: 10_000,
  matches: 5_000,
  expectedMatches: 200_000,
  matchingMs: 100,
};

/**
 * The planner knows how many links a workspace has on average, and how many links match on average.
 * One with a million links is not to be sorted because most have ten, nor to be looked through for
 * what it has not got. These are the ways it must not take, to a page in order and to all matches.
 */
const IN_ORDER = { enable_seqscan: 'off', enable_bitmapscan: 'off', enable_sort: 'off' };
const BY_MATCH = { enable_seqscan: 'off', enable_indexscan: 'off' };

/** The order of links_workspace_id_idx, and not of the primary key: no id is null. */
const NEWEST_FIRST = 'id DESC NULLS LAST';

interface WalkedRow {
  ids: string[];
  searched_to: string | null;
}

/** What LIKE can look up in a trigram index, whatever the locale of the database. */
const TRIGRAM = /[a-z0-9]{3}/;

/**
 * Pages of links, the newest first, by bounded work. Nobody knows how many links match before they
 * are looked at, and no single plan is good for all: to look through the links takes for ever if
 * few match, and an index gives all that do, which may be half a million, to find the newest among
 * them. So a short walk comes first and the index second. Where neither is enough the page ends with
 * the walk, and the next one goes on from there.
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
    const isIndexed =
      filter.tag !== undefined || filter.texts?.every((text) => TRIGRAM.test(text)) === true;
    // Deleted links are in none of these indexes.
    const matches = isIndexed && !filter.isDeleted ? await this.matches(search, limits) : undefined;
    if (!matches) return walked;
    return { ids: matches.toSorted().toReversed().slice(0, filter.limit) };
  }

  /** The link with this name, if it is one of the workspaces and has the tag. */
  async findByName(
    { domain, code }: LinkName,
    workspaceIds: string[],
    tag: string | undefined,
    isDeleted = false,
  ): Promise<string | undefined> {
    const [row] = await this.database.query<{ id: string }>(
      `SELECT id FROM links WHERE domain = $4 AND code = $1 AND workspace_id = ANY($2::uuid[])
       AND deleted_at IS ${isDeleted ? 'NOT NULL' : 'NULL'} AND ($3::text IS NULL OR $3 = ANY(tags))`,
      [code, workspaceIds, tag, domain],
    );
    return row?.id;
  }

  /** One ordered index scan per workspace, merged: a plain "= ANY" would sort all of their links. */
  private async newest({ workspaceIds, candidates, limit, values }: LinkSearch): Promise<string[]> {
    const rows = await this.with(IN_ORDER, () =>
      this.database.query<{ id: string }>(
        `SELECT page.id FROM unnest($1::uuid[]) AS workspace (id) CROSS JOIN LATERAL (
         SELECT id FROM links WHERE ${candidates} ORDER BY ${NEWEST_FIRST} LIMIT $2::int
       ) AS page ORDER BY page.id DESC LIMIT $2::int`,
        [workspaceIds, limit, ...values],
      ),
    );
    return rows.map(({ id }) => id);
  }

  /** Looks through so many links and no more, an equal share of every workspace. */
  private async walk(search: LinkSearch, links: number): Promise<FoundLinks> {
    const { workspaceIds, candidates, matching, limit, values } = search;
    const share = `$${values.length + 3}::int`;
    // Where a workspace has more links than its share, older ones are left to the next page.
    const sql = `WITH border AS (
         SELECT last.id FROM unnest($1::uuid[]) AS workspace (id) CROSS JOIN LATERAL (
           SELECT id FROM links WHERE ${candidates}
           ORDER BY ${NEWEST_FIRST} LIMIT 1 OFFSET ${share} - 1
         ) AS last ORDER BY last.id DESC LIMIT 1
       )
       SELECT (SELECT id FROM border) AS searched_to, ARRAY(
         SELECT found.id FROM unnest($1::uuid[]) AS workspace (id) CROSS JOIN LATERAL (
           SELECT id FROM (
             SELECT id, domain, code, search_title, search_url, tags FROM links
             WHERE ${candidates} ORDER BY ${NEWEST_FIRST} LIMIT ${share}
           ) AS walked WHERE ${matching} ORDER BY ${NEWEST_FIRST} LIMIT $2::int
         ) AS found
         WHERE (found.id < (SELECT id FROM border)) IS NOT TRUE
         ORDER BY found.id DESC LIMIT $2::int
       ) AS ids`;
    const shareOfEach = Math.ceil(links / Math.max(1, workspaceIds.length));
    const [row] = await this.with(IN_ORDER, () =>
      this.database.query<WalkedRow>(sql, [workspaceIds, limit, ...values, shareOfEach]),
    );
    return { ids: row!.ids, searchedTo: row!.searched_to ?? undefined };
  }

  /** All that match, in no order; undefined if they are too many, or not found in time. */
  private async matches(search: LinkSearch, limits: SearchLimits): Promise<string[] | undefined> {
    const { workspaceIds, candidates, matching, values } = search;
    const sql = `SELECT found.id FROM unnest($1::uuid[]) AS workspace (id) CROSS JOIN LATERAL (
         SELECT id FROM links WHERE ${candidates} AND ${matching}
       ) AS found LIMIT $2::int`;
    const parameters = [workspaceIds, limits.matches + 1, ...values];
    try {
      const settings = { ...BY_MATCH, statement_timeout: String(limits.matchingMs) };
      const rows = await this.with(settings, async () => {
        const [plan] = await this.database.query<PlanRow>(
          `EXPLAIN (FORMAT JSON) ${sql}`,
          parameters,
        );
        if (expectedMatches(plan!) > limits.expectedMatches) return undefined;
        return this.database.query<{ id: string }>(sql, parameters);
      });
      return rows && rows.length <= limits.matches ? rows.map(({ id }) => id) : undefined;
    } catch (error) {
      if (isStatementTimeout(error)) return undefined;
      throw error;
    }
  }

  /** What is set holds to the end of the transaction, so this must not be part of a larger one. */
  private with<T>(settings: Record<string, string>, work: () => Promise<T>): Promise<T> {
    return this.database.transaction(async () => {
      await this.database.query(
        'SELECT set_config(key, value, true) FROM jsonb_each_text($1::jsonb)',
        [settings],
      );
      return work();
    });
  }
}
