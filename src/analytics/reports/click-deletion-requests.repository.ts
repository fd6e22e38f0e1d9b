import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../../platform/database/database.service.js';

/** Where the ingester is asked to delete all clicks of a link. */
@Injectable()
export class ClickDeletionRequestsRepository {
  constructor(private readonly database: DatabaseService) {}

  /** Asks, when the transaction is committed. */
  async add(linkId: string, at: Date): Promise<void> {
    await this.database.query(
      `INSERT INTO click_deletions AS known (link_id, requested_at) VALUES ($1, $2)
       ON CONFLICT (link_id) DO UPDATE
         SET requested_at = greatest(known.requested_at, excluded.requested_at)`,
      [linkId, at],
    );
    await this.database.query(`SELECT pg_notify('clicks_deleting', '')`);
  }

  /** Whether the ingester has not done it yet. */
  async isPending(linkId: string): Promise<boolean> {
    const rows = await this.database.query(
      'SELECT FROM click_deletions WHERE link_id = $1 AND requested_at IS NOT NULL',
      [linkId],
    );
    return rows.length > 0;
  }
}
