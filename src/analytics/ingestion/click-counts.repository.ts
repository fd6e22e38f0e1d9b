import type { ClientBase } from 'pg';
import {
  ALL_CLICKS,
  ALL_CLICKS_MINUTES,
  CLICK_COLUMNS,
  DIMENSION_MINUTES,
  DIMENSIONS,
  MOST_CLICKS_WITHOUT_ROLLUPS,
} from '../analytics.types.js';
import { plain, timestamp } from './sql-values.js';
import type { Counts, LinkDay, LinkTotal, Rollup } from './ingestion.types.js';

export type DayOfLink = Pick<LinkDay, 'linkId' | 'day'>;

/** The rows of rollups that a click is counted in; what is not known of it is null. */
const ENTRIES = [
  ...ALL_CLICKS_MINUTES.map((minutes) => `('${ALL_CLICKS}', ${minutes}, '')`),
  ...DIMENSIONS.flatMap((dimension) =>
    DIMENSION_MINUTES.map((minutes) => `('${dimension}', ${minutes}, ${CLICK_COLUMNS[dimension]})`),
  ),
].join(', ');

/** A query for rollups that counts the clicks of `source`, which may have a column for the owner. */
export const countedRollups = (owner: string, source: string): string => `
  SELECT ${owner}, dimension, minutes,
    date_bin(make_interval(mins => minutes), clicked_at, timestamptz 'epoch') AS bucket, value,
    count(*), count(*) FILTER (WHERE is_bot), count(*) FILTER (WHERE is_new_visitor)
  FROM ${source}
  CROSS JOIN LATERAL (VALUES ${ENTRIES}) AS entry (dimension, minutes, value)
  WHERE value IS NOT NULL GROUP BY 1, 2, 3, 4, 5`;

/**
 * The SQL that counts clicks, on one connection, so that the caller can make it one transaction.
 * Rows are changed in one order everywhere: ingesters then wait for each other, but never deadlock.
 */
export class ClickCountsRepository {
  constructor(private readonly client: ClientBase) {}

  /**
   * Adds to the days, which keeps other ingesters from them until the transaction ends.
   * @returns which of them have rollups, and which have so many clicks now that they must get them
   */
  async addToLinkDays(rows: LinkDay[]): Promise<{ rolledUp: DayOfLink[]; crowded: DayOfLink[] }> {
    const { rows: busy } = await this.client.query<DayOfLink & { isRolledUp: boolean }>(
      `WITH added AS (
         INSERT INTO link_days AS known (link_id, day, clicks, bots, visitors)
         SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::bigint[])
         ORDER BY 1, 2
         ON CONFLICT (link_id, day) DO UPDATE SET ${addCounts('known')}
         RETURNING link_id, day, clicks, is_rolled_up
       )
       SELECT link_id AS "linkId", extract(epoch FROM day)::float8 * 1000 AS day,
         is_rolled_up AS "isRolledUp"
       FROM added WHERE is_rolled_up OR clicks > ${MOST_CLICKS_WITHOUT_ROLLUPS}`,
      [
        plain(rows, (row) => row.linkId),
        plain(rows, (row) => timestamp(row.day)),
        ...countColumns(rows),
      ],
    );
    return {
      rolledUp: busy.filter((row) => row.isRolledUp),
      crowded: busy.filter((row) => !row.isRolledUp),
    };
  }

  /** Makes the rollups of days that have none, from the clicks. */
  async rollUpDays(days: DayOfLink[]): Promise<void> {
    if (days.length === 0) return;
    const parameters = [days.map(({ linkId }) => linkId), days.map(({ day }) => timestamp(day))];
    const those = 'unnest($1::uuid[], $2::timestamptz[]) AS those (link_id, day)';
    await this.client.query(
      `INSERT INTO link_rollups ${countedRollups(
        'those.link_id',
        `${those} JOIN clicks ON clicks.link_id = those.link_id
           AND clicked_at >= day AND clicked_at < day + interval '24 hours'`,
      )}`,
      parameters,
    );
    await this.client.query(
      `UPDATE link_days SET is_rolled_up = true FROM ${those}
       WHERE link_days.link_id = those.link_id AND link_days.day = those.day`,
      parameters,
    );
  }

  /** Locks and returns days of links in the month (as `2026-12`) that have no rollups, in order. */
  async takeQuietDays(month: string, after: DayOfLink, limit: number): Promise<DayOfLink[]> {
    const { rows } = await this.client.query<DayOfLink>(
      `SELECT link_id AS "linkId", extract(epoch FROM day)::float8 * 1000 AS day FROM link_days
       WHERE (link_id, day) > ($3, $4) AND NOT is_rolled_up
         AND day >= $1 AND day < $1::timestamptz + interval '1 month'
       ORDER BY link_days.link_id, link_days.day LIMIT $2 FOR UPDATE`,
      [`${month}-01T00:00:00Z`, limit, after.linkId, timestamp(after.day)],
    );
    return rows;
  }

  async addToRollups(owner: 'link' | 'workspace', rows: Rollup[]): Promise<void> {
    if (rows.length === 0) return;
    await this.client.query(
      `INSERT INTO ${owner}_rollups AS known
         (${owner}_id, dimension, minutes, bucket, value, clicks, bots, visitors)
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::timestamptz[], $5::text[],
         $6::bigint[], $7::bigint[], $8::bigint[])
       ORDER BY 1, 2, 3, 4, 5
       ON CONFLICT (${owner}_id, dimension, minutes, bucket, value)
       DO UPDATE SET ${addCounts('known')}`,
      [
        plain(rows, (row) => row.ownerId),
        rows.map((row) => row.dimension),
        plain(rows, (row) => row.minutes),
        plain(rows, (row) => timestamp(row.bucket)),
        rows.map((row) => row.value),
        ...countColumns(rows),
      ],
    );
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

  /** The workspaces of those links that exist. */
  async workspacesOf(linkIds: string[]): Promise<Map<string, string>> {
    const { rows } = await this.client.query<{ id: string; workspaceId: string }>(
      'SELECT id, workspace_id AS "workspaceId" FROM links WHERE id = ANY($1::uuid[])',
      [linkIds],
    );
    return new Map(rows.map((row) => [row.id, row.workspaceId]));
  }
}

const addCounts = (known: string): string =>
  ['clicks', 'bots', 'visitors']
    .map((column) => `${column} = ${known}.${column} + excluded.${column}`)
    .join(', ');

const countColumns = (rows: Counts[]): string[] => [
  plain(rows, (row) => row.clicks),
  plain(rows, (row) => row.bots),
  plain(rows, (row) => row.visitors),
];
