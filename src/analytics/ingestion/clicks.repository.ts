import { randomBytes } from 'node:crypto';
import type { ClientBase } from 'pg';
import { CLICK_COLUMNS, DIMENSIONS } from '../analytics.types.js';
import type { RollupRow, TotalRow } from './click-aggregator.js';
import type { Click } from './ingestion.types.js';

/** A segment is remembered that long, should a copy of it ever come back. */
const SEGMENT_MEMORY_DAYS = 90;
const SALT_LIFETIME_DAYS = 2;

const DIMENSION_COLUMNS = DIMENSIONS.map((dimension) => CLICK_COLUMNS[dimension]);

/** As `dayOf` has it, whatever the DateStyle of the database is. */
const DAY = `to_char(day, 'YYYY-MM-DD')`;

/** All the SQL of ingestion, on one connection, so that the caller can make it one transaction. */
export class ClicksRepository {
  constructor(private readonly client: ClientBase) {}

  async transaction(work: () => Promise<void>): Promise<void> {
    await this.client.query('BEGIN');
    try {
      await work();
      await this.client.query('COMMIT');
    } catch (error) {
      await this.client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** Those of the segments that were committed before. */
  async findIngested(segmentIds: string[]): Promise<Set<string>> {
    const { rows } = await this.client.query<{ id: string }>(
      'SELECT id FROM ingested_segments WHERE id = ANY($1::uuid[])',
      [segmentIds],
    );
    return new Set(rows.map((row) => row.id));
  }

  /** Fails on a segment that is there already: the transaction then must not commit. */
  async insertSegments(segmentIds: string[]): Promise<void> {
    await this.client.query('INSERT INTO ingested_segments (id) SELECT unnest($1::uuid[])', [
      segmentIds,
    ]);
  }

  /** The salts of the days, made up for days that have none yet. */
  async saltsOf(days: string[]): Promise<Map<string, Buffer>> {
    await this.client.query(
      `INSERT INTO visitor_salts (day, salt) SELECT * FROM unnest($1::date[], $2::bytea[])
       ON CONFLICT DO NOTHING`,
      [days, days.map(() => randomBytes(32))],
    );
    const { rows } = await this.client.query<{ day: string; salt: Buffer }>(
      `SELECT ${DAY} AS day, salt FROM visitor_salts WHERE day = ANY($1::date[])`,
      [days],
    );
    return new Map(rows.map((row) => [row.day, row.salt]));
  }

  /** Adds the visitors and returns, as `linkId day visitor-in-hex`, those who are new on that day. */
  async insertVisitors(keys: string[]): Promise<Set<string>> {
    const parts = keys.map((key) => key.split(' ') as [string, string, string]);
    const { rows } = await this.client.query<{ key: string }>(
      `INSERT INTO visitor_days (link_id, day, visitor)
       SELECT link_id, day, decode(visitor, 'hex')
       FROM unnest($1::uuid[], $2::date[], $3::text[]) AS new (link_id, day, visitor)
       ON CONFLICT DO NOTHING
       RETURNING link_id || ' ' || ${DAY} || ' ' || encode(visitor, 'hex') AS key`,
      [0, 1, 2].map((column) => parts.map((part) => part[column])),
    );
    return new Set(rows.map((row) => row.key));
  }

  async insertClicks(clicks: Click[]): Promise<void> {
    const dimensions = DIMENSIONS.map((name) => clicks.map((click) => click.dimensions[name]));
    await this.client.query(
      `INSERT INTO clicks
         (link_id, clicked_at, id, is_bot, is_new_visitor, visitor, ${DIMENSION_COLUMNS.join(', ')})
       SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::boolean[],
         $5::boolean[], $6::bytea[],
         ${DIMENSION_COLUMNS.map((_, index) => `$${index + 7}::text[]`).join(', ')})`,
      [
        clicks.map((click) => click.linkId),
        clicks.map((click) => timestamp(click.clickedAt)),
        clicks.map((click) => click.id),
        clicks.map((click) => click.isBot),
        clicks.map((click) => click.isNewVisitor === true),
        clicks.map((click) => click.visitor),
        ...dimensions,
      ],
    );
  }

  async addToRollups(rows: RollupRow[]): Promise<void> {
    await this.client.query(
      `INSERT INTO click_rollups AS rollup
         (link_id, dimension, bucket, value, clicks, bots, visitors)
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[],
         $5::bigint[], $6::bigint[], $7::bigint[])
       ON CONFLICT (link_id, dimension, bucket, value) DO UPDATE SET
         clicks = rollup.clicks + excluded.clicks,
         bots = rollup.bots + excluded.bots,
         visitors = rollup.visitors + excluded.visitors`,
      [
        rows.map((row) => row.linkId),
        rows.map((row) => row.dimension),
        rows.map((row) => timestamp(row.bucket)),
        rows.map((row) => row.value),
        ...countColumns(rows),
      ],
    );
  }

  async addToTotals(rows: TotalRow[]): Promise<void> {
    await this.client.query(
      `INSERT INTO link_totals AS total (link_id, clicks, bots, visitors, last_clicked_at)
       SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[])
       ON CONFLICT (link_id) DO UPDATE SET
         clicks = total.clicks + excluded.clicks,
         bots = total.bots + excluded.bots,
         visitors = total.visitors + excluded.visitors,
         last_clicked_at = greatest(total.last_clicked_at, excluded.last_clicked_at)`,
      [
        rows.map((row) => row.linkId),
        ...countColumns(rows),
        rows.map((row) => timestamp(row.lastClickedAt)),
      ],
    );
  }

  /** Forgets what is of no use any more: old salts first of all, which could identify visitors. */
  async forget(): Promise<void> {
    await this.client.query(
      `DELETE FROM visitor_salts
       WHERE created_at < now() - interval '${SALT_LIFETIME_DAYS} days'
         AND day < current_date - ${SALT_LIFETIME_DAYS}`,
    );
    await this.client.query(
      `DELETE FROM ingested_segments
       WHERE ingested_at < now() - interval '${SEGMENT_MEMORY_DAYS} days'`,
    );
  }
}

const timestamp = (time: number): string => new Date(time).toISOString();

const countColumns = (rows: { clicks: number; bots: number; visitors: number }[]): number[][] => [
  rows.map((row) => row.clicks),
  rows.map((row) => row.bots),
  rows.map((row) => row.visitors),
];
