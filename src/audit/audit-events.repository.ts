import { Injectable } from '@nestjs/common';
import { NIL_UUID } from '../common/uuid.js';
import { DatabaseService } from '../database/database.service.js';
import type { Actor } from '../common/request-context.js';
import type { AuditEvent, AuditFilter } from './audit.types.js';

/** The chain that an event belongs to, as the index has it. */
const CHAIN = `coalesce(workspace_id, '${NIL_UUID}')`;

const EVENT = `id, occurred_at AS "occurredAt", workspace_id AS "workspaceId", action,
  actor_type AS "actorType", actor_id AS "actorId", targets, changes, context, outcome,
  link_id AS "linkId", link_version AS "linkVersion"`;

interface Row extends Omit<AuditEvent, 'actor'> {
  actorType: Actor['type'];
  actorId: string | null;
}

export const chainOf = (workspaceId: string | null): string => workspaceId ?? NIL_UUID;

@Injectable()
export class AuditEventsRepository {
  constructor(private readonly database: DatabaseService) {}

  /** Adds the event to its chain, which nobody else can add to until the transaction ends. */
  async insert(event: AuditEvent): Promise<void> {
    await this.database.query(
      `INSERT INTO audit_events (
         id, occurred_at, workspace_id, action, actor_type, actor_id,
         targets, changes, context, outcome, link_id, link_version
       ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        event.id,
        event.occurredAt,
        event.workspaceId,
        event.action,
        event.actor.type,
        event.actor.id,
        JSON.stringify(event.targets),
        JSON.stringify(event.changes),
        JSON.stringify(event.context),
        event.outcome,
        event.linkId,
        event.linkVersion,
      ],
    );
  }

  /** The newest events of the chain that pass the filter, those before the event `beforeId` if it is given. */
  async findPage(
    chain: string,
    { action, actorId, targetId, from, until }: AuditFilter,
    limit: number,
    beforeId?: string,
  ): Promise<AuditEvent[]> {
    const rows = await this.database.query<Row>(
      `SELECT ${EVENT} FROM audit_events
       WHERE ${CHAIN} = $1
         AND ($2::uuid IS NULL OR sequence < (
           SELECT sequence FROM audit_events WHERE ${CHAIN} = $1 AND id = $2
         ))
         AND ($3::text IS NULL OR action = $3 OR right($3, 1) = '.' AND starts_with(action, $3))
         AND ($4::uuid IS NULL OR actor_id = $4)
         AND ($5::jsonb IS NULL OR targets @> $5)
         AND ($6::timestamptz IS NULL OR occurred_at >= $6)
         AND ($7::timestamptz IS NULL OR occurred_at < $7)
       ORDER BY sequence DESC LIMIT $8`,
      [
        chain,
        beforeId,
        action,
        actorId,
        targetId === undefined ? undefined : JSON.stringify([{ id: targetId }]),
        from,
        until,
        limit,
      ],
    );
    return rows.map(present);
  }

  /** The newest versions of the link, those before that of the event `beforeId` if it is given. */
  async findHistory(linkId: string, limit: number, beforeId?: string): Promise<AuditEvent[]> {
    const rows = await this.database.query<Row>(
      `SELECT ${EVENT} FROM audit_events
       WHERE link_id = $1 AND ($2::uuid IS NULL OR link_version < (
         SELECT link_version FROM audit_events WHERE id = $2 AND link_id = $1
       ))
       ORDER BY link_version DESC LIMIT $3`,
      [linkId, beforeId, limit],
    );
    return rows.map(present);
  }

  /** Deletes all events of the chain; where it went on it can be gone on with. */
  async erase(chain: string): Promise<void> {
    await this.database.query(
      'UPDATE audit_chains SET purged = length, purged_hash = last_hash WHERE chain_id = $1',
      [chain],
    );
    await this.database.query(`DELETE FROM audit_events WHERE ${CHAIN} = $1`, [chain]);
  }

  /**
   * Deletes up to `limit` of the oldest events of a chain that begins before that time, and tells how many;
   * 0 if there is none that nobody is writing to. Call it in a transaction.
   */
  async purgeChain(before: Date, limit: number): Promise<number> {
    const [found] = await this.database.query<{ chain: string }>(
      `SELECT chain.chain_id AS chain FROM audit_chains chain CROSS JOIN LATERAL (
         SELECT occurred_at FROM audit_events
         WHERE ${CHAIN} = chain.chain_id AND sequence > chain.purged ORDER BY sequence LIMIT 1
       ) AS oldest
       WHERE oldest.occurred_at < $1 LIMIT 1 FOR UPDATE OF chain SKIP LOCKED`,
      [before],
    );
    if (!found) return 0;
    // Only from the beginning on: clocks of processes differ, and a chain must not have holes.
    await this.database.query(
      `WITH oldest AS (
         SELECT sequence, hash, bool_and(occurred_at < $2) OVER (ORDER BY sequence) AS is_expired
         FROM audit_events
         WHERE ${CHAIN} = $1 AND sequence > (SELECT purged FROM audit_chains WHERE chain_id = $1)
         ORDER BY sequence LIMIT $3
       ), last AS (
         SELECT sequence, hash FROM oldest WHERE is_expired ORDER BY sequence DESC LIMIT 1
       )
       UPDATE audit_chains SET purged = last.sequence, purged_hash = last.hash
       FROM last WHERE chain_id = $1`,
      [found.chain, before, limit],
    );
    const [row] = await this.database.query<{ purged: number }>(
      `WITH purged AS (
         DELETE FROM audit_events WHERE ${CHAIN} = $1
           AND sequence <= (SELECT purged FROM audit_chains WHERE chain_id = $1) RETURNING 1
       ) SELECT count(*)::int AS purged FROM purged`,
      [found.chain],
    );
    return row!.purged;
  }
}

const present = ({ actorType, actorId, ...event }: Row): AuditEvent => ({
  ...event,
  actor: { type: actorType, id: actorId },
});
