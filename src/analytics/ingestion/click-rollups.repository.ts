import type { ClientBase } from 'pg';
import {
  ALL_CLICKS,
  ALL_CLICKS_MINUTES,
  CHOSEN_BY_VISITORS,
  DIMENSION_MINUTES,
  DIMENSIONS,
  MOST_VALUES_WITH_ROLLUPS,
  type Owner,
} from '../analytics.types.js';
import { addCounts, countColumns, dayColumns } from './click-counts.repository.js';
import type { OwnerDay, Rollup } from './ingestion.types.js';
import { plain, timestamp } from './sql-values.js';

/** The SQL of rollups, on one connection; whoever changes them has a lock on the row of the day. */
export class ClickRollupsRepository {
  constructor(private readonly client: ClientBase) {}

  async add(owner: Owner, rows: Rollup[]): Promise<void> {
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

  async markRolledUp(owner: Owner, days: OwnerDay[]): Promise<void> {
    if (days.length === 0) return;
    await this.client.query(
      `UPDATE ${owner}_days AS known SET is_rolled_up = true
       FROM unnest($1::uuid[], $2::timestamptz[]) AS those (owner_id, day)
       WHERE ${owner}_id = owner_id AND known.day = those.day`,
      dayColumns(days),
    );
  }

  /** Those of the days whose rollups tell of more values than they should. */
  async findDaysWithManyValues(owner: Owner, days: OwnerDay[]): Promise<OwnerDay[]> {
    if (days.length === 0) return [];
    const { rows } = await this.client.query<OwnerDay>(
      `SELECT owner_id AS "ownerId", extract(epoch FROM day)::float8 * 1000 AS day
       FROM unnest($1::uuid[], $2::timestamptz[]) AS those (owner_id, day)
       WHERE EXISTS (SELECT FROM unnest($3::text[]) AS name WHERE EXISTS (
         SELECT FROM ${owner}_rollups WHERE ${owner}_id = owner_id AND dimension = name
           AND minutes = 1440 AND bucket = day OFFSET ${MOST_VALUES_WITH_ROLLUPS}
       ))`,
      [...dayColumns(days), CHOSEN_BY_VISITORS],
    );
    return rows;
  }

  /** The days are counted from packs from now on. */
  async giveUp(owner: Owner, days: OwnerDay[]): Promise<void> {
    if (days.length === 0) return;
    // All columns of the primary key: a link may have rollups of years.
    await this.client.query(
      `DELETE FROM ${owner}_rollups
       USING unnest($1::uuid[], $2::timestamptz[]) AS those (owner_id, day)
       WHERE ${owner}_id = owner_id AND dimension = ANY($3::text[])
         AND minutes = ANY($4::smallint[]) AND bucket >= day AND bucket < day + interval '24 hours'`,
      [
        ...dayColumns(days),
        [ALL_CLICKS, ...DIMENSIONS],
        [...ALL_CLICKS_MINUTES, ...DIMENSION_MINUTES],
      ],
    );
    await this.client.query(
      `UPDATE ${owner}_days AS known SET is_rolled_up = false, has_many_values = true
       FROM unnest($1::uuid[], $2::timestamptz[]) AS those (owner_id, day)
       WHERE ${owner}_id = owner_id AND known.day = those.day`,
      dayColumns(days),
    );
  }
}
