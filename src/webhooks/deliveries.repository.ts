import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../platform/database/database.service.js';
import { type Delivery, type DueDelivery, type Settlement, TEST_EVENT } from './webhooks.types.js';

/** Requests to one receiver at a time, by all processes together. */
const AT_ONCE = 4;
/** Longer than any try takes: whoever has not told by then what became of it is gone. */
const LEASE_SECONDS = 30;
/** Webhooks, and events for each, that one statement makes deliveries for. */
const WEBHOOKS_AT_ONCE = 50;
const EVENTS_AT_ONCE = 500;
/** Events that one statement looks through for a replay. */
const REPLAYED_AT_ONCE = 5_000;

/** Whoever succeeded so lately is not given up. */
const FAILING_FOR = '3 days';

const DELIVERY = `event_id AS "eventId", type, status, attempts, created_at AS "createdAt",
  next_try_at AS "nextTryAt", finished_at AS "finishedAt"`;

/** Where the events of a replay begin and end in the feed. */
interface Range {
  from: Date;
  until: Date;
}

@Injectable()
export class DeliveriesRepository {
  constructor(private readonly database: DatabaseService) {}

  /**
   * Makes deliveries of what has happened since a webhook was last looked at, and tells for how many webhooks. Who
   * does it at the same time does it for other webhooks.
   */
  async fanOut(): Promise<number> {
    const [row] = await this.database.query<{ webhooks: number }>(
      `WITH behind AS (
         SELECT webhook.id, webhook.workspace_id, webhook.events, webhook.position,
           least(feed.length, webhook.position + ${EVENTS_AT_ONCE}) AS until
         FROM webhooks webhook JOIN event_feeds feed USING (workspace_id)
         WHERE webhook.disabled_at IS NULL AND webhook.position < feed.length
         LIMIT ${WEBHOOKS_AT_ONCE} FOR NO KEY UPDATE OF webhook SKIP LOCKED
       ), made AS (
         INSERT INTO webhook_deliveries (webhook_id, event_id, type, status, created_at, next_try_at)
         SELECT behind.id, events.id, events.type, 'pending', now(), now()
         FROM behind JOIN events ON events.workspace_id = behind.workspace_id
           AND events.sequence > behind.position AND events.sequence <= behind.until
           AND events.type = ANY(behind.events)
         ON CONFLICT DO NOTHING
       ), moved AS (
         UPDATE webhooks SET position = behind.until FROM behind WHERE webhooks.id = behind.id
         RETURNING 1
       ) SELECT count(*)::int AS webhooks FROM moved`,
    );
    return row!.webhooks;
  }

  /**
   * Takes up to `limit` deliveries that are due, for this process alone and for some time: if it has not settled
   * them by then, others take them. No receiver has more than a few at once.
   * @param slow webhooks that alone are asked for, or all others are
   */
  claim(limit: number, which: 'only' | 'all but', slow: string[]): Promise<DueDelivery[]> {
    return this.database.query<DueDelivery>(
      `WITH ready AS MATERIALIZED (
         SELECT id FROM webhooks
         WHERE disabled_at IS NULL AND (id = ANY($2::uuid[])) = $3 AND EXISTS (
           SELECT FROM webhook_deliveries WHERE webhook_id = webhooks.id AND next_try_at <= now()
         ) FOR NO KEY UPDATE SKIP LOCKED
       ), due AS (
         SELECT one.* FROM ready CROSS JOIN LATERAL (
           SELECT webhook_id, event_id, next_try_at FROM webhook_deliveries
           WHERE webhook_id = ready.id AND next_try_at <= now()
           ORDER BY next_try_at, event_id
           LIMIT greatest(0, ${AT_ONCE} - (
             SELECT count(*) FROM webhook_deliveries
             WHERE webhook_id = ready.id AND leased_until > now()
           ))
         ) AS one ORDER BY one.next_try_at, one.event_id LIMIT $1
       ), taken AS (
         UPDATE webhook_deliveries delivery SET next_try_at = now() + interval '${LEASE_SECONDS} s',
           leased_until = now() + interval '${LEASE_SECONDS} s'
         FROM due WHERE delivery.webhook_id = due.webhook_id AND delivery.event_id = due.event_id
           AND delivery.next_try_at <= now()
         RETURNING delivery.*
       )
       SELECT taken.webhook_id AS "webhookId", webhook.workspace_id AS "workspaceId", webhook.url,
         webhook.secret,
         CASE WHEN webhook.previous_secret_until > now() THEN webhook.previous_secret END
           AS "previousSecret",
         taken.event_id AS "eventId", taken.type, taken.tries, taken.attempts,
         coalesce(event.occurred_at, taken.created_at) AS "occurredAt",
         CASE WHEN taken.type = '${TEST_EVENT}' THEN json_build_object('webhookId', webhook.id)
           ELSE event.data END AS data
       FROM taken JOIN webhooks webhook ON webhook.id = taken.webhook_id
       LEFT JOIN events event ON event.id = taken.event_id
       ORDER BY taken.event_id`,
      [limit, slow, which === 'only'],
    );
  }

  /** Keeps what came of a try. A delivery that is gone by now, with its webhook, is no matter. */
  async settle(
    { webhookId, eventId }: Pick<DueDelivery, 'webhookId' | 'eventId'>,
    { status, tries, attempts, retryInMs }: Settlement,
  ): Promise<void> {
    await this.database.query(
      `UPDATE webhook_deliveries SET status = $3, tries = $4, attempts = $5, leased_until = NULL,
         next_try_at = now() + $6 * interval '1 millisecond',
         finished_at = CASE WHEN $6::float8 IS NULL THEN now() END
       WHERE webhook_id = $1 AND event_id = $2`,
      [webhookId, eventId, status, tries, JSON.stringify(attempts), retryInMs],
    );
  }

  /** Whether the webhook has taken nothing for so long that it is to be disabled. */
  async isFailing(webhookId: string): Promise<boolean> {
    const rows = await this.database.query(
      `SELECT FROM webhook_deliveries
       WHERE webhook_id = $1 AND status = 'succeeded' AND finished_at > now() - $2::interval LIMIT 1`,
      [webhookId, FAILING_FOR],
    );
    return rows.length === 0;
  }

  /** The newest first, older ones than that of the event `beforeId` if it is given. */
  findPage(
    webhookId: string,
    limit: number,
    { beforeId, status }: { beforeId?: string; status?: string },
  ): Promise<Delivery[]> {
    return this.database.query<Delivery>(
      `SELECT ${DELIVERY} FROM webhook_deliveries
       WHERE webhook_id = $1 AND ($2::uuid IS NULL OR event_id < $2)
         AND ($3::text IS NULL OR status = $3)
       ORDER BY event_id DESC LIMIT $4`,
      [webhookId, beforeId ?? null, status ?? null, limit],
    );
  }

  async find(webhookId: string, eventId: string): Promise<Delivery | undefined> {
    const [delivery] = await this.database.query<Delivery>(
      `SELECT ${DELIVERY} FROM webhook_deliveries WHERE webhook_id = $1 AND event_id = $2`,
      [webhookId, eventId],
    );
    return delivery;
  }

  async addTest(webhookId: string, eventId: string): Promise<void> {
    await this.database.query(
      `INSERT INTO webhook_deliveries (webhook_id, event_id, type, status, created_at, next_try_at)
       VALUES ($1, $2, '${TEST_EVENT}', 'pending', now(), now())`,
      [webhookId, eventId],
    );
  }

  /** Delivers it now and, if that fails, by the whole schedule again. */
  async retry(webhookId: string, eventId: string): Promise<void> {
    await this.database.query(
      `UPDATE webhook_deliveries SET status = 'pending', tries = 0, next_try_at = now(),
         finished_at = NULL
       WHERE webhook_id = $1 AND event_id = $2 AND coalesce(leased_until, now()) <= now()`,
      [webhookId, eventId],
    );
  }

  /** Delivers again the events of that time that the webhook is told of, and tells how many. */
  async replay(webhookId: string, { from, until }: Range): Promise<number> {
    const [range] = await this.database.query<{ first: string | null; last: string | null }>(
      `SELECT min(sequence) AS first, max(sequence) AS last
       FROM events JOIN webhooks USING (workspace_id)
       WHERE webhooks.id = $1 AND occurred_at >= $2 AND occurred_at < $3`,
      [webhookId, from, until],
    );
    let replayed = 0;
    const last = BigInt(range!.last ?? 0);
    for (let next = BigInt(range!.first ?? 1); next <= last; next += BigInt(REPLAYED_AT_ONCE)) {
      const [row] = await this.database.query<{ replayed: number }>(
        `WITH again AS (
           INSERT INTO webhook_deliveries AS known
             (webhook_id, event_id, type, status, created_at, next_try_at)
           SELECT webhooks.id, events.id, events.type, 'pending', now(), now()
           FROM webhooks JOIN events USING (workspace_id)
           WHERE webhooks.id = $1 AND events.type = ANY(webhooks.events)
             AND sequence >= $4 AND sequence < $4 + ${REPLAYED_AT_ONCE}
             AND occurred_at >= $2 AND occurred_at < $3
           ON CONFLICT (webhook_id, event_id) DO UPDATE
             SET status = 'pending', tries = 0, next_try_at = now(), finished_at = NULL
             WHERE coalesce(known.leased_until, now()) <= now()
           RETURNING 1
         ) SELECT count(*)::int AS replayed FROM again`,
        [webhookId, from, until, String(next)],
      );
      replayed += row!.replayed;
    }
    return replayed;
  }

  /** Deletes up to `limit` of webhooks that are gone, and tells how many. */
  async purgeOrphans(limit: number): Promise<number> {
    const [row] = await this.database.query<{ purged: number }>(
      `WITH RECURSIVE owners AS (
         (SELECT webhook_id FROM webhook_deliveries ORDER BY webhook_id LIMIT 1)
         UNION ALL
         SELECT (
           SELECT webhook_id FROM webhook_deliveries
           WHERE webhook_id > owners.webhook_id ORDER BY webhook_id LIMIT 1
         ) FROM owners WHERE webhook_id IS NOT NULL
       ), orphans AS (
         SELECT delivery.webhook_id, delivery.event_id FROM owners
         JOIN webhook_deliveries delivery USING (webhook_id)
         WHERE NOT EXISTS (SELECT FROM webhooks WHERE id = owners.webhook_id)
         LIMIT $1 FOR UPDATE OF delivery SKIP LOCKED
       ), purged AS (
         DELETE FROM webhook_deliveries AS delivery USING orphans
         WHERE delivery.webhook_id = orphans.webhook_id AND delivery.event_id = orphans.event_id
         RETURNING 1
       ) SELECT count(*)::int AS purged FROM purged`,
      [limit],
    );
    return row!.purged;
  }

  /** Deletes up to `limit` that are older, and tells how many. */
  async purge(before: Date, limit: number): Promise<number> {
    const [row] = await this.database.query<{ purged: number }>(
      `WITH old AS (
         SELECT webhook_id, event_id FROM webhook_deliveries
         WHERE created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
       ), purged AS (
         DELETE FROM webhook_deliveries AS delivery USING old
         WHERE delivery.webhook_id = old.webhook_id AND delivery.event_id = old.event_id
         RETURNING 1
       ) SELECT count(*)::int AS purged FROM purged`,
      [before, limit],
    );
    return row!.purged;
  }

  /** For how long the delivery has waited that is due for longest. */
  async ageSeconds(): Promise<number> {
    const [row] = await this.database.query<{ age: number }>(
      `SELECT greatest(0, extract(epoch FROM now() - min(first.next_try_at)))::float8 AS age
       FROM webhooks CROSS JOIN LATERAL (
         SELECT next_try_at FROM webhook_deliveries
         WHERE webhook_id = webhooks.id AND next_try_at <= now() ORDER BY next_try_at LIMIT 1
       ) AS first WHERE disabled_at IS NULL`,
    );
    return row!.age;
  }
}
