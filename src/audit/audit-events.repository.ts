import { Injectable } from '@nestjs/common';
import { NIL_UUID } from '../common/uuid.js';
import { DatabaseService } from '../database/database.service.js';
import type { AuditEvent } from './audit.types.js';

/** The chain that an event belongs to, as the index has it. */
const CHAIN = `coalesce(workspace_id, '${NIL_UUID}')`;

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
