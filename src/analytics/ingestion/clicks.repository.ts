import type { ClientBase } from 'pg';
import {
  CLICK_COLUMNS,
  type Dimension,
  DIMENSIONS,
  type DimensionValues,
  type TimeRange,
} from '../analytics.types.js';
import type { BlockClick } from '../blocks/blocks.types.js';
import { milliseconds, plain, timestamp } from '../common/sql.js';
import type { Click } from './ingestion.types.js';
import { dayOf } from './visitor-hasher.js';

/**
 * A segment is remembered that long, should a copy of it ever come back. Longer than the spool keeps
 * segments (SPOOL_KEEP_HOURS): one that is offered again after that would be counted twice.
 */
const SEGMENT_MEMORY_DAYS = 90;

/** Shared by all ingesters; any number that nobody else uses. */
const INGESTION_LOCK = 7_310_842_018;

const DIMENSION_COLUMNS = DIMENSIONS.map((dimension) => CLICK_COLUMNS[dimension]);

/** As `dayOf` has it, whatever the DateStyle of the database is. */
const DAY = `to_char(day, 'YYYY-MM-DD')`;

/** Clicks of a link within a time. */
export interface ClickStretch extends TimeRange {
  linkId: string;
  /** How many there are, about. */
  clicks: number;
}

type ClickRow = Omit<BlockClick, 'dimensions'> & { linkId: string } & Record<
    Dimension,
    string | null
  >;

/** The SQL that stores clicks, on one connection, so that the caller can make it one transaction. */
export class ClicksRepository {
  constructor(private readonly client: ClientBase) {}

  /** @param mode `alone`: no other such transaction runs at the same time, in any process */
  async transaction(work: () => Promise<void>, mode: 'shared' | 'alone' = 'shared'): Promise<void> {
    const lock = mode === 'alone' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared';
    await this.client.query('BEGIN');
    try {
      await this.client.query(`SELECT ${lock}($1)`, [INGESTION_LOCK]);
      await work();
      await this.client.query('COMMIT');
    } catch (error) {
      await this.client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** From here on to the end of the transaction, deferred constraints are checked by each statement. */
  async checkAtOnce(): Promise<void> {
    await this.client.query('SET CONSTRAINTS ALL IMMEDIATE');
  }

  /** Does a part of a transaction: if it fails, what was done before is still there. */
  async savepoint(work: () => Promise<void>): Promise<void> {
    await this.client.query('SAVEPOINT part');
    try {
      await work();
      await this.client.query('RELEASE SAVEPOINT part');
    } catch (error) {
      await this.client.query('ROLLBACK TO SAVEPOINT part');
      await this.client.query('RELEASE SAVEPOINT part');
      throw error;
    }
  }

  /**
   * Marks the segments as ingested; returns those that were not before. One that another process
   * is ingesting is waited for.
   */
  async claimSegments(segmentIds: string[]): Promise<Set<string>> {
    const { rows } = await this.client.query<{ id: string }>(
      `INSERT INTO ingested_segments (id) SELECT unnest($1::uuid[])
       ON CONFLICT DO NOTHING RETURNING id`,
      [segmentIds.toSorted()],
    );
    return new Set(rows.map((row) => row.id));
  }

  /** Those of the segments that are marked as ingested. */
  async knownSegments(segmentIds: string[]): Promise<Set<string>> {
    const { rows } = await this.client.query<{ id: string }>(
      'SELECT id FROM ingested_segments WHERE id = ANY($1::uuid[])',
      [plain(segmentIds, (id) => id)],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Remembers the visitors; returns the keys of those who are new on their link and day. */
  async insertVisitors(visits: Map<string, Click>): Promise<Set<string>> {
    const clicks = [...visits.values()];
    const { rows } = await this.client.query<{ key: string }>(
      `INSERT INTO visitor_days (link_id, day, visitor)
       SELECT link_id, day, decode(visitor, 'hex')
       FROM unnest($1::uuid[], $2::date[], $3::text[]) AS visit (link_id, day, visitor)
       ORDER BY 1, 2, 3
       ON CONFLICT DO NOTHING
       RETURNING link_id || ${DAY} || encode(visitor, 'hex') AS key`,
      [
        plain(clicks, (click) => click.linkId),
        plain(clicks, (click) => dayOf(click.clickedAt)),
        plain(clicks, (click) => click.visitor),
      ],
    );
    return new Set(rows.map((row) => row.key));
  }

  /**
   * @param tellsRefusals that it fails with the SQLSTATE of what is refused, also on Citus: there it takes
   * longer, since rows that are to be returned are not copied
   */
  async insertClicks(clicks: Click[], tellsRefusals: boolean): Promise<void> {
    const dimensions = DIMENSIONS.map((name) => clicks.map((click) => click.dimensions[name]));
    const insert = `INSERT INTO clicks
         (link_id, clicked_at, id, is_bot, is_new_visitor, visitor, ${DIMENSION_COLUMNS.join(', ')})
       SELECT link_id, to_timestamp(milliseconds / 1000), id, is_bot, is_new_visitor,
         decode(visitor, 'hex'), ${DIMENSION_COLUMNS.join(', ')}
       FROM unnest($1::uuid[], $2::float8[], $3::uuid[], $4::boolean[], $5::boolean[], $6::text[],
         ${DIMENSION_COLUMNS.map((_, index) => `$${index + 7}::text[]`).join(', ')}) AS click
         (link_id, milliseconds, id, is_bot, is_new_visitor, visitor, ${DIMENSION_COLUMNS.join(', ')})`;
    await this.client.query(
      tellsRefusals
        ? `WITH stored AS (${insert} RETURNING id) SELECT count(*) FROM stored`
        : insert,
      [
        plain(clicks, (click) => click.linkId),
        plain(clicks, (click) => click.clickedAt),
        plain(clicks, (click) => click.id),
        plain(clicks, (click) => click.isBot),
        plain(clicks, (click) => click.isNewVisitor),
        plain(clicks, (click) => click.visitor),
        ...dimensions,
      ],
    );
  }

  async read(stretches: ClickStretch[]): Promise<(BlockClick & { linkId: string })[]> {
    const { rows } = await this.client.query<ClickRow>(
      `SELECT link_id AS "linkId", ${milliseconds('clicked_at')} AS "clickedAt", is_bot AS "isBot",
         is_new_visitor AS "isNewVisitor",
         ${DIMENSIONS.map((name) => `${CLICK_COLUMNS[name]} AS ${name}`).join(', ')}
       FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS those (owner_id, since, until)
       JOIN clicks ON link_id = owner_id AND clicked_at >= since AND clicked_at < until`,
      [
        plain(stretches, ({ linkId }) => linkId),
        plain(stretches, ({ from }) => timestamp(from)),
        plain(stretches, ({ to }) => timestamp(to)),
      ],
    );
    return rows.map(({ linkId, clickedAt, isBot, isNewVisitor, ...values }) => {
      const dimensions: DimensionValues = {};
      for (const name of DIMENSIONS) dimensions[name] = values[name] ?? undefined;
      return { linkId, clickedAt, isBot, isNewVisitor, dimensions };
    });
  }

  /** Forgets segments that are of no use any more. */
  async forget(): Promise<void> {
    await this.client.query(
      `DELETE FROM ingested_segments
       WHERE ingested_at < now() - interval '${SEGMENT_MEMORY_DAYS} days'`,
    );
  }
}
