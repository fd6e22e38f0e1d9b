import type { ClientBase } from 'pg';
import {
  type Counts,
  MOST_CLICKS_WITHOUT_BLOCKS,
  type Owner,
  type OwnerDay,
} from '../analytics.types.js';
import type { BlockDay } from '../blocks/blocks.types.js';
import { milliseconds, plain, timestamp } from '../common/sql.js';
import type { DayState, LinkTotal } from './ingestion.types.js';

/** What hardly ever changes of a link: its workspace, when it moves. */
export interface KnownLink {
  id: string;
  workspaceId: string;
  number: number;
}

/**
 * The SQL that counts clicks, on one connection, so that the caller can make it one transaction.
 * Rows that clicks are added to are changed in one order: ingesters then wait for each other, but never
 * deadlock on one node.
 */
export class ClickCountsRepository {
  constructor(private readonly client: ClientBase) {}

  /**
   * Adds to the days, which keeps other ingesters from them until the transaction ends, and counts
   * the blocks that are to be written: one for each day of a workspace, and for each day of a link
   * that has blocks already.
   * @returns the days that have blocks, or so many clicks now that they must get them
   */
  async addToDays(owner: Owner, rows: (OwnerDay & Counts)[]): Promise<DayState[]> {
    const [first, next] = owner === 'workspace' ? ['1', '1'] : ['0', '(known.blocks > 0)::integer'];
    const { rows: days } = await this.client.query<DayState>(
      `WITH added AS (
         INSERT INTO ${owner}_days AS known (${owner}_id, day, clicks, bots, visitors, blocks)
         SELECT *, ${first}
         FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::bigint[])
         ORDER BY 1, 2
         ON CONFLICT (${owner}_id, day) DO UPDATE SET ${addCounts('known')},
           blocks = known.blocks + ${next}
         RETURNING *
       )
       SELECT ${dayState(owner)} FROM added
       WHERE blocks > 0 OR clicks > ${MOST_CLICKS_WITHOUT_BLOCKS}`,
      [
        plain(rows, (row) => row.ownerId),
        plain(rows, (row) => timestamp(row.day)),
        ...countColumns(rows),
      ],
    );
    return days;
  }

  /** Notes how many blocks were written for the days. */
  async setBlocks(owner: Owner, days: BlockDay[]): Promise<void> {
    await this.client.query(
      `UPDATE ${owner}_days AS known SET blocks = those.blocks
       FROM unnest($1::uuid[], $2::timestamptz[], $3::integer[]) AS those (owner_id, day, blocks)
       WHERE ${owner}_id = owner_id AND known.day = those.day`,
      [...dayColumns(days), plain(days, ({ blocks }) => blocks)],
    );
  }

  /** Locks the days. FOR UPDATE would do so on one node only, if they are distributed. */
  async lockDays(owner: Owner, days: OwnerDay[]): Promise<void> {
    await this.client.query(
      `UPDATE ${owner}_days AS known SET blocks = known.blocks
       FROM unnest($1::uuid[], $2::timestamptz[]) AS those (owner_id, day)
       WHERE ${owner}_id = owner_id AND known.day = those.day`,
      dayColumns(days),
    );
  }

  /** Locks, in the same way, and returns days of links in the month (as `2026-12`) that have no blocks, in order. */
  async takeQuietDays(month: string, after: OwnerDay, limit: number): Promise<DayState[]> {
    const { rows } = await this.client.query<DayState>(
      `WITH quiet AS (
         SELECT link_id, day FROM link_days
         WHERE (link_id, day) > ($3, $4) AND blocks = 0
           AND day >= $1 AND day < $1::timestamptz + interval '1 month'
         ORDER BY link_id, day LIMIT $2
       ), locked AS (
         UPDATE link_days AS known SET blocks = known.blocks FROM quiet
         WHERE known.link_id = quiet.link_id AND known.day = quiet.day AND known.blocks = 0
         RETURNING known.*
       )
       SELECT ${dayState('link')} FROM locked ORDER BY locked.link_id, locked.day`,
      [`${month}-01T00:00:00Z`, limit, after.ownerId, timestamp(after.day)],
    );
    return rows;
  }

  async addToLinkTotals(rows: LinkTotal[]): Promise<void> {
    await this.client.query(
      `INSERT INTO link_totals AS known (link_id, clicks, bots, visitors, last_clicked_at)
       SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[])
       ORDER BY 1
       ON CONFLICT (link_id) DO UPDATE SET ${addCounts('known')},
         last_clicked_at = greatest(known.last_clicked_at, excluded.last_clicked_at)`,
      [
        plain(rows, (row) => row.linkId),
        ...countColumns(rows),
        plain(rows, (row) => timestamp(row.lastClickedAt)),
      ],
    );
  }

  async subtractFromWorkspaceDay({
    ownerId,
    day,
    clicks,
    bots,
    visitors,
  }: OwnerDay & Counts): Promise<void> {
    await this.client.query(
      `UPDATE workspace_days SET clicks = clicks - $3, bots = bots - $4, visitors = visitors - $5
       WHERE workspace_id = $1 AND day = $2`,
      [ownerId, timestamp(day), clicks, bots, visitors],
    );
  }

  /** Workspaces with clicks that have been deleted: up to `limit` of them. */
  async deletedWorkspaces(limit: number): Promise<string[]> {
    const { rows } = await this.client.query<{ id: string }>(
      `WITH counted AS MATERIALIZED (SELECT DISTINCT workspace_id AS id FROM workspace_days)
       SELECT id FROM counted WHERE NOT EXISTS (SELECT FROM workspaces WHERE workspaces.id = counted.id) LIMIT $1`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Deletes the days of the workspaces. */
  async forgetWorkspaces(ids: string[]): Promise<void> {
    await this.client.query('DELETE FROM workspace_days WHERE workspace_id = ANY($1::uuid[])', [
      ids,
    ]);
  }

  /** Those of the links that exist. */
  async knownLinks(linkIds: string[]): Promise<KnownLink[]> {
    const { rows } = await this.client.query<KnownLink>(
      `SELECT id, workspace_id AS "workspaceId", number::float8 AS number FROM links
       WHERE id = ANY($1::uuid[])`,
      [linkIds],
    );
    return rows;
  }
}

/** The columns of a DayState. */
const dayState = (owner: Owner): string =>
  `${owner}_id AS "ownerId", ${milliseconds('day')} AS day, clicks::float8 AS clicks, blocks`;

/** The columns of OwnerDays, as arrays. */
const dayColumns = (days: OwnerDay[]): string[] => [
  plain(days, ({ ownerId }) => ownerId),
  plain(days, ({ day }) => timestamp(day)),
];

/** @param known the name of the row that is added to */
const addCounts = (known: string): string =>
  ['clicks', 'bots', 'visitors']
    .map((column) => `${column} = ${known}.${column} + excluded.${column}`)
    .join(', ');

const countColumns = (rows: Counts[]): string[] => [
  plain(rows, (row) => row.clicks),
  plain(rows, (row) => row.bots),
  plain(rows, (row) => row.visitors),
];
