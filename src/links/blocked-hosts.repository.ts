import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { DatabaseService } from '../database/database.service.js';
import { BlockedHostEntity } from './blocked-host.entity.js';
import { MAX_HOST_LABELS, MAX_HOST_LENGTH } from './normal-host.js';

/** The host and the port, as a regular expression; a "mailto:" has neither. */
const AUTHORITY = '^[a-z0-9+.-]+://([^/?#]*)';

/**
 * SQL that tells whether a URL (in its normal form, as links have it) leads to a blocked host or below
 * one: each end of its host, up to so many labels, is looked up in the index.
 */
export const leadsToBlockedHost = (url: string): string => `EXISTS (
  SELECT FROM blocked_hosts WHERE host = ANY (ARRAY(
    SELECT array_to_string(labels[n:], '.')
    FROM string_to_array(
      right(
        rtrim(lower(regexp_replace(substring(${url} from '${AUTHORITY}'), ':[0-9]*$', '')), '.'),
        ${MAX_HOST_LENGTH}
      ),
      '.'
    ) AS labels,
      generate_series(greatest(1, cardinality(labels) - ${MAX_HOST_LABELS - 1}), cardinality(labels)) AS n
  ))
)`;

@Injectable()
export class BlockedHostsRepository {
  constructor(private readonly database: DatabaseService) {}

  async find(host: string): Promise<BlockedHostEntity | undefined> {
    return (await this.hosts.findOneBy({ host })) ?? undefined;
  }

  /** The newest first, older ones than `beforeId` if it is given. */
  findPage(limit: number, beforeId?: string): Promise<BlockedHostEntity[]> {
    return this.hosts.find({
      where: beforeId === undefined ? {} : { id: LessThan(beforeId) },
      order: { id: 'DESC' },
      take: limit,
    });
  }

  /** Adds the host, or gives it this reason if it is there; tells whether it was added. */
  async put(entry: BlockedHostEntity): Promise<boolean> {
    const result = await this.hosts
      .createQueryBuilder()
      .insert()
      .values(entry)
      .orIgnore()
      .returning('id')
      .updateEntity(false)
      .execute();
    if ((result.raw as unknown[]).length > 0) return true;
    await this.hosts.update({ host: entry.host }, { reason: entry.reason });
    return false;
  }

  /** Whether it was there. */
  async delete(host: string): Promise<boolean> {
    const { affected } = await this.hosts.delete({ host });
    return affected === 1;
  }

  /** Whether the URL, in its normal form, leads to a blocked host. */
  async block(url: string): Promise<boolean> {
    const [row] = await this.database.query<{ blocked: boolean }>(
      `SELECT ${leadsToBlockedHost('$1::text')} AS blocked`,
      [url],
    );
    return row!.blocked;
  }

  private get hosts() {
    return this.database.repository(BlockedHostEntity);
  }
}
