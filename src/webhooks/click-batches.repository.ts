import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../platform/database/database.service.js';

/** Links that one statement looks at; what they have at first need not be sent. */
export const LINKS_AT_ONCE = 5_000;
const LINKS_AT_FIRST = 50_000;

export interface NewClicks {
  linkId: string;
  clicks: number;
  bots: number;
}

/** What has been told of the clicks of links, beside what there is. Call all of it in a transaction. */
@Injectable()
export class ClickBatchesRepository {
  constructor(private readonly database: DatabaseService) {}

  /** From now on the clicks of the workspace are told; those that it has are no news. */
  async begin(workspaceId: string): Promise<void> {
    const rows = await this.database.query(
      `INSERT INTO click_batches (workspace_id, told_until) VALUES ($1, now())
       ON CONFLICT DO NOTHING RETURNING 1`,
      [workspaceId],
    );
    if (rows.length === 0) return;
    while ((await this.takeNews(workspaceId, LINKS_AT_FIRST)).length > 0);
  }

  /** Whether nobody else is telling of clicks, and nobody will until the transaction ends. */
  async lock(): Promise<boolean> {
    const [row] = await this.database.query<{ locked: boolean }>(
      `SELECT pg_try_advisory_xact_lock(hashtextextended('signpost.click-batches', 0)) AS locked`,
    );
    return row!.locked;
  }

  /** A workspace that has not been told for so long, and until when it was. Those that nobody listens to end. */
  async findDue(seconds: number): Promise<{ workspaceId: string; toldUntil: Date } | undefined> {
    await this.database.query(
      `DELETE FROM click_batches batches WHERE NOT EXISTS (
         SELECT FROM webhooks
         WHERE workspace_id = batches.workspace_id AND 'clicks.batch' = ANY(events)
       )`,
    );
    const [due] = await this.database.query<{ workspaceId: string; toldUntil: Date }>(
      `SELECT workspace_id AS "workspaceId", told_until AS "toldUntil" FROM click_batches
       WHERE told_until <= now() - make_interval(secs => $1) ORDER BY told_until LIMIT 1`,
      [seconds],
    );
    return due;
  }

  /**
   * What was counted since it was told, of up to so many links, which is told with that. Clicks that were deleted
   * are no news.
   */
  takeNews(workspaceId: string, limit: number): Promise<NewClicks[]> {
    return this.database.query<NewClicks>(
      `WITH news AS (
         SELECT total.link_id, total.clicks, total.bots,
           coalesce(told.clicks, 0) AS told_clicks, coalesce(told.bots, 0) AS told_bots
         FROM links JOIN link_totals total ON total.link_id = links.id
         LEFT JOIN told_clicks told ON told.link_id = links.id
         WHERE links.workspace_id = $1
           AND (total.clicks, total.bots) IS DISTINCT FROM (told.clicks, told.bots)
         LIMIT $2
       ), noted AS (
         INSERT INTO told_clicks (link_id, clicks, bots) SELECT link_id, clicks, bots FROM news
         ON CONFLICT (link_id) DO UPDATE SET clicks = excluded.clicks, bots = excluded.bots
       )
       SELECT link_id AS "linkId", (clicks - told_clicks)::float8 AS clicks,
         greatest(0, bots - told_bots)::float8 AS bots
       FROM news WHERE clicks > told_clicks ORDER BY link_id`,
      [workspaceId, limit],
    );
  }

  async setTold(workspaceId: string, until: Date): Promise<void> {
    await this.database.query('UPDATE click_batches SET told_until = $2 WHERE workspace_id = $1', [
      workspaceId,
      until,
    ]);
  }
}
