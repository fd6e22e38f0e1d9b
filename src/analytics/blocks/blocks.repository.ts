import { DAY_MS, type Owner, type OwnerDay } from '../analytics.types.js';
import { uuidv7 } from '../../common/uuid.js';
import {
  binary,
  milliseconds,
  plain,
  type SqlClient,
  SqlParameters,
  timestamp,
} from '../common/sql.js';
import { joined } from '../common/time-ranges.js';
import { type Part, PARTS, type Parts } from './block-builder.js';
import type { Block } from './block-counter.js';
import type { BlockQuery } from './blocks.types.js';

/** The level of the blocks of days that are over. */
export const MERGED_LEVEL = 9;

/** A block that is written. */
export interface NewBlock extends OwnerDay {
  /** How often it was merged. */
  level: number;
  clicks: number;
  parts: Parts;
}

export type BlockHead = Omit<Block, 'parts'>;

/** The SQL of blocks, on one connection, so that the caller can make it one transaction. */
export class BlocksRepository {
  constructor(private readonly client: SqlClient) {}

  async insert(owner: Owner, blocks: NewBlock[]): Promise<void> {
    if (blocks.length === 0) return;
    const names = PARTS[owner];
    await this.client.query(
      `INSERT INTO ${owner}_blocks (${owner}_id, day, id, level, clicks, ${names.join(', ')})
       SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::smallint[], $5::integer[],
         ${names.map((_, index) => `$${index + 6}::bytea[]`).join(', ')})`,
      [
        ...dayColumns(blocks),
        plain(blocks, () => uuidv7()),
        plain(blocks, ({ level }) => level),
        plain(blocks, ({ clicks }) => clicks),
        ...names.map((name) => plain(blocks, ({ parts }) => binary(parts[name]!))),
      ],
    );
  }

  /**
   * Deletes and returns the blocks of the days up to the level. The days are read as numbers apart from that:
   * what is distributed returns nothing that depends on settings.
   */
  async take(owner: Owner, days: OwnerDay[], level: number): Promise<NewBlock[]> {
    const names = PARTS[owner];
    const { rows } = await this.client.query<Omit<NewBlock, 'parts'> & Record<Part, Buffer>>(
      `WITH taken AS (
         DELETE FROM ${owner}_blocks AS block
         USING unnest($1::uuid[], $2::timestamptz[]) AS those (owner_id, day)
         WHERE block.${owner}_id = those.owner_id AND block.day = those.day AND level <= $3
         RETURNING block.*
       )
       SELECT ${owner}_id AS "ownerId", ${milliseconds('day')} AS day, level, clicks,
         ${names.join(', ')} FROM taken`,
      [...dayColumns(days), level],
    );
    return rows.map(({ ownerId, day, level: before, clicks, ...parts }) => ({
      ownerId,
      day,
      level: before,
      clicks,
      parts,
    }));
  }

  /** Days before that one whose blocks are not merged for good. */
  async unmergedDays(owner: Owner, before: number, limit: number): Promise<OwnerDay[]> {
    const { rows } = await this.client.query<OwnerDay>(
      `SELECT DISTINCT ${owner}_id AS "ownerId", ${milliseconds('day')} AS day FROM ${owner}_blocks
       WHERE level < ${MERGED_LEVEL} AND day < $1 LIMIT $2`,
      [timestamp(before), limit],
    );
    return rows;
  }

  async forget(owner: Owner, ownerIds: string[]): Promise<void> {
    await this.client.query(`DELETE FROM ${owner}_blocks WHERE ${owner}_id = ANY($1::uuid[])`, [
      ownerIds,
    ]);
  }

  /** Which blocks there are of the days that the query touches. */
  async list({ owner, ownerIds, times }: BlockQuery): Promise<BlockHead[]> {
    const parameters = new SqlParameters();
    const { rows } = await this.client.query<BlockHead>(
      `SELECT id::text, ${owner}_id::text AS "ownerId", ${milliseconds('day')} AS day, clicks
       FROM ${parameters.ranges(daysOf(times))} JOIN ${owner}_blocks ON day >= since AND day < until
       WHERE ${parameters.oneOf(`${owner}_id`, ownerIds)}`,
      parameters.values,
    );
    return rows;
  }

  /** Reads parts of blocks, and what else is known of these. */
  async read(owner: Owner, heads: BlockHead[], names: readonly Part[]): Promise<Block[]> {
    const byId = new Map(heads.map((head) => [head.id, head]));
    const parameters = new SqlParameters();
    const [ownerIds, days] = dayColumns(heads);
    const { rows } = await this.client.query<{ id: string } & Record<Part, Buffer>>(
      `SELECT block.id::text AS id, ${names.join(', ')}
       FROM unnest(${parameters.add(ownerIds, 'uuid[]')}, ${parameters.add(days, 'timestamptz[]')},
         ${parameters.add(
           plain(heads, ({ id }) => id),
           'uuid[]',
         )}) AS those (owner_id, day, id)
       JOIN ${owner}_blocks AS block ON block.${owner}_id = owner_id AND block.day = those.day
         AND block.id = those.id
       WHERE ${parameters.oneOf(`block.${owner}_id`, [...new Set(heads.map(({ ownerId }) => ownerId))])}`,
      parameters.values,
    );
    return rows.map(({ id, ...parts }) => ({ ...byId.get(id)!, parts }));
  }
}

/** The columns of OwnerDays, as arrays. */
const dayColumns = (days: OwnerDay[]): [string, string] => [
  plain(days, ({ ownerId }) => ownerId),
  plain(days, ({ day }) => timestamp(day)),
];

/** The UTC days that the times touch, whole. */
const daysOf = (times: BlockQuery['times']): BlockQuery['times'] =>
  joined(
    times.map(({ from, to }) => ({
      from: Math.floor(from / DAY_MS) * DAY_MS,
      to: Math.ceil(to / DAY_MS) * DAY_MS,
    })),
  );
