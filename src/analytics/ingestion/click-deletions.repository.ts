import type { ClientBase } from 'pg';
import { milliseconds, plain, timestamp } from '../common/sql.js';
import type { KnownLink } from './click-counts.repository.js';

/**
 * The SQL of links whose clicks are deleted, on one connection. The latest deletion of each link is remembered
 * for ever: clicks from before it may still come, from the spool or from kept segments.
 */
export class ClickDeletionsRepository {
  constructor(private readonly client: ClientBase) {}

  /** Until when the clicks of the links are deleted (Unix milliseconds), of those of which any are. */
  async ends(linkIds: string[]): Promise<Map<string, number>> {
    const { rows } = await this.client.query<{ id: string; until: number }>(
      `SELECT link_id AS id, ${milliseconds('deleted_until')} AS until FROM click_deletions
       WHERE link_id = ANY($1::uuid[]) AND deleted_until IS NOT NULL`,
      [plain(linkIds, (id) => id)],
    );
    return new Map(rows.map(({ id, until }) => [id, until]));
  }

  /** The link whose clicks somebody has asked first to delete. */
  async next(): Promise<KnownLink | undefined> {
    const { rows } = await this.client.query<KnownLink>(
      `SELECT id, workspace_id AS "workspaceId", number::float8 AS number
       FROM click_deletions JOIN links ON id = link_id
       WHERE requested_at IS NOT NULL ORDER BY requested_at LIMIT 1`,
    );
    return rows[0];
  }

  /** The days on which the link was clicked, by their start. */
  async daysOf(linkId: string): Promise<number[]> {
    const { rows } = await this.client.query<{ day: number }>(
      `SELECT ${milliseconds('day')} AS day FROM link_days WHERE link_id = $1 ORDER BY day`,
      [linkId],
    );
    return rows.map(({ day }) => day);
  }

  /** Deletes the single clicks of a day: all of them at once might take longer than a statement may. */
  async deleteClicks(linkId: string, day: number): Promise<void> {
    await this.client.query(
      `DELETE FROM clicks WHERE link_id = $1 AND clicked_at >= $2
         AND clicked_at < $2::timestamptz + interval '24 hours'`,
      [linkId, timestamp(day)],
    );
  }

  /** Deletes what was counted of the link, and notes that no click until then is to come back. */
  async finish(linkId: string, until: number): Promise<void> {
    for (const table of ['link_blocks', 'link_days', 'visitor_days', 'link_totals']) {
      await this.client.query(`DELETE FROM ${table} WHERE link_id = $1`, [linkId]);
    }
    await this.client.query(
      'UPDATE links SET imported_clicks = 0 WHERE id = $1 AND imported_clicks > 0',
      [linkId],
    );
    await this.client.query(
      `UPDATE click_deletions SET requested_at = NULL, deleted_until = greatest(requested_at, $2)
       WHERE link_id = $1`,
      [linkId, timestamp(until)],
    );
  }
}
