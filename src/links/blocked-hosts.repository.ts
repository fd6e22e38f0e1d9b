import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { DatabaseService } from '../platform/database/database.service.js';
import { BlockedHostEntity } from './blocked-host.entity.js';
import { leadsToBlockedHost } from './blocked-hosts.sql.js';

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

  /** Those of the URLs, in their normal form, that lead to a blocked host. */
  async blockedOf(urls: string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ url: string }>(
      `SELECT url FROM unnest($1::text[]) AS url WHERE ${leadsToBlockedHost('url')}`,
      [urls],
    );
    return new Set(rows.map(({ url }) => url));
  }

  private get hosts() {
    return this.database.repository(BlockedHostEntity);
  }
}
