import type { ClientBase } from 'pg';
import { CLICK_COLUMNS, type Dimension, DIMENSIONS, type Owner } from '../analytics.types.js';
import { PACK_PARTS, type PackPart } from '../pack-layout.js';
import { uuidv7 } from '../../common/uuid.js';
import { MERGED_LEVEL, type Pack } from './click-packer.js';
import type { CountedClick, OwnerDay, TimeStretch } from './ingestion.types.js';
import { binary, plain, timestamp } from './sql-values.js';

const milliseconds = (column: string): string => `extract(epoch FROM ${column})::float8 * 1000`;

/** Of a link or a workspace. */
export interface Stretch extends TimeStretch {
  ownerId: string;
}

type PackRow = Pick<Pack, 'ownerId' | 'day' | 'level' | 'clicks'> & Record<PackPart, Buffer>;
export type OwnedClick = CountedClick & { ownerId: string };

type ClickRow = Omit<OwnedClick, 'dimensions'> & Record<Dimension, string | null>;

const CLICK = `owner_id AS "ownerId", ${milliseconds('clicked_at')} AS "clickedAt",
  is_bot AS "isBot", is_new_visitor AS "isNewVisitor",
  ${DIMENSIONS.map((name) => `${CLICK_COLUMNS[name]} AS ${name}`).join(', ')}`;

/** The SQL of packs, on one connection, so that the caller can make it one transaction. */
export class ClickPacksRepository {
  constructor(private readonly client: ClientBase) {}

  async insert(owner: Owner, packs: Pack[]): Promise<void> {
    if (packs.length === 0) return;
    const names = PACK_PARTS[owner];
    await this.client.query(
      `INSERT INTO ${owner}_packs (${owner}_id, day, id, level, clicks, ${names.join(', ')})
       SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::smallint[], $5::integer[],
         ${names.map((_, index) => `$${index + 6}::bytea[]`).join(', ')})`,
      [
        plain(packs, (pack) => pack.ownerId),
        plain(packs, (pack) => timestamp(pack.day)),
        plain(packs, () => uuidv7()),
        plain(packs, (pack) => pack.level),
        plain(packs, (pack) => pack.clicks),
        ...names.map((name) => plain(packs, ({ parts }) => binary(parts[name]))),
      ],
    );
  }

  /** Deletes and returns the packs of the days up to the level. */
  take(owner: Owner, days: OwnerDay[], level: number): Promise<Pack[]> {
    return this.packs(
      `DELETE FROM ${owner}_packs AS pack USING ${daysOf(owner)} AND level <= $3
       RETURNING ${packOf(owner)}`,
      [...parametersOf(days), level],
    );
  }

  read(owner: Owner, days: OwnerDay[]): Promise<Pack[]> {
    return this.packs(
      `SELECT ${packOf(owner)} FROM ${owner}_packs AS pack, ${daysOf(owner)}`,
      parametersOf(days),
    );
  }

  /** Days before that one whose packs are not merged for good. */
  async unmergedDays(owner: Owner, before: number, limit: number): Promise<OwnerDay[]> {
    const { rows } = await this.client.query<OwnerDay>(
      `SELECT DISTINCT ${owner}_id AS "ownerId", ${milliseconds('day')} AS day FROM ${owner}_packs
       WHERE level < ${MERGED_LEVEL} AND day < $1 LIMIT $2`,
      [timestamp(before), limit],
    );
    return rows;
  }

  /**
   * The clicks themselves. OFFSET keeps PostgreSQL from reading all clicks of all links for those of
   * a workspace.
   */
  async storedClicks(owner: Owner, stretches: Stretch[]): Promise<OwnedClick[]> {
    const { rows } = await this.client.query<ClickRow>(
      `SELECT ${CLICK}${owner === 'workspace' ? ', links.number::float8 AS "linkNumber"' : ''}
       FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS those (owner_id, since, until)
       ${owner === 'workspace' ? 'JOIN links ON workspace_id = owner_id' : ''}
       CROSS JOIN LATERAL (
         SELECT * FROM clicks WHERE link_id = ${owner === 'workspace' ? 'links.id' : 'owner_id'}
           AND clicked_at >= since AND clicked_at < until OFFSET 0
       ) AS clicks`,
      [
        plain(stretches, (stretch) => stretch.ownerId),
        plain(stretches, (stretch) => timestamp(stretch.from)),
        plain(stretches, (stretch) => timestamp(stretch.to)),
      ],
    );
    return rows.map(({ ownerId, linkNumber, clickedAt, isBot, isNewVisitor, ...values }) => ({
      ownerId,
      linkNumber,
      clickedAt,
      isBot,
      isNewVisitor,
      dimensions: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)),
    }));
  }

  private async packs(sql: string, parameters: unknown[]): Promise<Pack[]> {
    const { rows } = await this.client.query<PackRow>(sql, parameters);
    return rows.map(({ ownerId, day, level, clicks, ...parts }) => ({
      ownerId,
      day,
      level,
      clicks,
      parts,
    }));
  }
}

const packOf = (owner: Owner): string =>
  `pack.${owner}_id AS "ownerId", ${milliseconds('pack.day')} AS day, level, clicks,
   ${PACK_PARTS[owner].join(', ')}`;

const daysOf = (owner: Owner): string =>
  `unnest($1::uuid[], $2::timestamptz[]) AS those (owner_id, day)
   WHERE pack.${owner}_id = those.owner_id AND pack.day = those.day`;

const parametersOf = (days: OwnerDay[]): string[] => [
  plain(days, ({ ownerId }) => ownerId),
  plain(days, ({ day }) => timestamp(day)),
];
