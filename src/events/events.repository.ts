import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../platform/database/database.service.js';
import type { EventType, WorkspaceEvent } from './events.types.js';

/** So few that a statement ends long before statement_timeout. */
const DELETED_AT_ONCE = 5_000;

@Injectable()
export class EventsRepository {
  constructor(private readonly database: DatabaseService) {}

  /** Adds the events to the end of the feed, which nobody else can add to until the transaction ends. */
  async insert(workspaceId: string, events: WorkspaceEvent[]): Promise<void> {
    await this.database.query(
      `WITH feed AS (
         INSERT INTO event_feeds AS known (workspace_id, length) VALUES ($1, $2)
         ON CONFLICT (workspace_id) DO UPDATE SET length = known.length + excluded.length
         RETURNING length
       )
       INSERT INTO events (workspace_id, sequence, id, type, occurred_at, data)
       SELECT $1, feed.length - $2::integer + item.number, item.id, item.type, item.occurred_at,
         item.data::json
       FROM feed, unnest($3::uuid[], $4::text[], $5::timestamptz[], $6::text[])
         WITH ORDINALITY AS item(id, type, occurred_at, data, number)`,
      [
        workspaceId,
        events.length,
        events.map(({ id }) => id),
        events.map(({ type }) => type),
        events.map(({ occurredAt }) => occurredAt),
        events.map(({ data }) => JSON.stringify(data)),
      ],
    );
  }

  /** The oldest events of the feed behind that place. */
  findPage(
    workspaceId: string,
    after: string,
    limit: number,
    type?: EventType,
  ): Promise<WorkspaceEvent[]> {
    return this.database.query<WorkspaceEvent>(
      `SELECT id, type, occurred_at AS "occurredAt", data FROM events
       WHERE workspace_id = $1 AND sequence > $2 AND ($4::text IS NULL OR type = $4)
       ORDER BY sequence LIMIT $3`,
      [workspaceId, after, limit, type ?? null],
    );
  }

  /** Where the event stands in the feed; undefined if it is not there, or not any more. */
  async findPlace(workspaceId: string, id: string): Promise<string | undefined> {
    const [event] = await this.database.query<{ sequence: string }>(
      `SELECT sequence FROM events WHERE id = $2 AND workspace_id = $1
       UNION ALL
       SELECT purged FROM event_feeds WHERE purged_id = $2 AND workspace_id = $1`,
      [workspaceId, id],
    );
    return event?.sequence;
  }

  /** Deletes the feed with all of its events. */
  async erase(workspaceId: string): Promise<void> {
    await this.database.query('DELETE FROM event_feeds WHERE workspace_id = $1', [workspaceId]);
    let deleted = DELETED_AT_ONCE;
    while (deleted === DELETED_AT_ONCE) {
      const [row] = await this.database.query<{ deleted: number }>(
        `WITH deleted AS (
           DELETE FROM events WHERE workspace_id = $1 AND sequence IN (
             SELECT sequence FROM events WHERE workspace_id = $1 LIMIT $2
           ) RETURNING 1
         ) SELECT count(*)::int AS deleted FROM deleted`,
        [workspaceId, DELETED_AT_ONCE],
      );
      deleted = row!.deleted;
    }
  }

  /**
   * Deletes up to `limit` of the oldest events of a feed that begins before that time, or whose workspace has
   * ended, and tells how many; 0 if there is none that nobody is adding to. Call it in a transaction.
   */
  async purgeFeed(before: Date, limit: number): Promise<number> {
    const [feed] = await this.database.query<{ id: string; isOver: boolean }>(
      `SELECT feed.workspace_id AS id, oldest.occurred_at IS NULL AS "isOver"
       FROM event_feeds feed
       LEFT JOIN LATERAL (
         SELECT occurred_at FROM events
         WHERE workspace_id = feed.workspace_id AND sequence > feed.purged
           AND EXISTS (SELECT FROM workspaces WHERE id = feed.workspace_id)
         ORDER BY sequence LIMIT 1
       ) AS oldest ON true
       WHERE oldest.occurred_at < $1
         OR NOT EXISTS (SELECT FROM workspaces WHERE id = feed.workspace_id)
       LIMIT 1 FOR UPDATE OF feed SKIP LOCKED`,
      [before],
    );
    if (!feed) return 0;
    const [row] = await this.database.query<{ purged: number }>(
      `WITH oldest AS (
         SELECT sequence, id, $4 OR bool_and(occurred_at < $2) OVER (ORDER BY sequence) AS is_due
         FROM events WHERE workspace_id = $1 ORDER BY sequence LIMIT $3
       ), deleted AS (
         DELETE FROM events WHERE workspace_id = $1
           AND sequence IN (SELECT sequence FROM oldest WHERE is_due)
         RETURNING sequence, id
       ), noted AS (
         UPDATE event_feeds SET purged = last.sequence, purged_id = last.id
         FROM (SELECT sequence, id FROM deleted ORDER BY sequence DESC LIMIT 1) AS last
         WHERE workspace_id = $1
       ) SELECT count(*)::int AS purged FROM deleted`,
      [feed.id, before, limit, feed.isOver],
    );
    if (feed.isOver && row!.purged < limit) {
      await this.database.query('DELETE FROM event_feeds WHERE workspace_id = $1', [feed.id]);
    }
    return row!.purged;
  }
}
