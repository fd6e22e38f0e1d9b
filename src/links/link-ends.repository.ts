import { Injectable } from '@nestjs/common';
import { In, IsNull } from 'typeorm';
import { DatabaseService } from '../platform/database/database.service.js';
import { LinkEntity } from './link.entity.js';

/** Links that have ended and nobody has been told of. Call all of it in a transaction. */
@Injectable()
export class LinkEndsRepository {
  constructor(private readonly database: DatabaseService) {}

  /** Takes up to `limit` links that have expired, and that nobody else is taking. */
  async takeExpired(limit: number): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `WITH expired AS (
         SELECT link_id FROM link_expiries WHERE expires_at <= now()
         ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
       ), taken AS (
         DELETE FROM link_expiries WHERE link_id IN (SELECT link_id FROM expired) RETURNING link_id
       ) SELECT link_id AS id FROM taken`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  /** The same of links that have spent all of their clicks; one process at a time looks for them. */
  async takeSpent(limit: number): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `WITH mine AS MATERIALIZED (
         SELECT pg_try_advisory_xact_lock(hashtextextended('signpost.links.spent', 0)) AS locked
       ), spent AS (
         SELECT link_id FROM mine JOIN link_spending ON locked
         WHERE NOT is_told AND spent >= click_limit LIMIT $1 FOR UPDATE OF link_spending SKIP LOCKED
       ), taken AS (
         UPDATE link_spending SET is_told = true
         WHERE link_id IN (SELECT link_id FROM spent) RETURNING link_id
       ) SELECT link_id AS id FROM taken`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Those that are not deleted. */
  find(ids: string[]): Promise<LinkEntity[]> {
    return this.database
      .repository(LinkEntity)
      .find({ where: { id: In(ids), deletedAt: IsNull() }, order: { id: 'ASC' } });
  }
}
