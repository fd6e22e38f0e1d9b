import { Injectable } from '@nestjs/common';
import { NIL_UUID } from '../common/uuid.js';
import { DatabaseService } from '../platform/database/database.service.js';
import type { Actor } from '../common/request-context.js';
import type { AuditEvent, AuditFilter } from './audit.types.js';

/** The chain that an event belongs to, as the index has it. */
const CHAIN = `coalesce(workspace_id, '${NIL_UUID}')`;

/** So few that a statement ends long before statement_timeout. */
const DELETED_AT_ONCE = 5_000;

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

  /** Adds the events to their chain, which nobody else can add to until the transaction ends. */
  async insertAll(events: AuditEvent[]): Promise<void> {
    const columns = `id, occurred_at, workspace_id, action, actor_type, actor_id,
      targets, changes, context, outcome, link_id, link_version`;
    const rows = events.map((event) => ({
      id: event.id,
      occurred_at: event.occurredAt,
      workspace_id: event.workspaceId,
      action: event.action,
      actor_type: event.actor.type,
      actor_id: event.actor.id,
      targets: event.targets,
      changes: event.changes,
      context: event.context,
      outcome: event.outcome,
      link_id: event.linkId,
      link_version: event.linkVersion,
    }));
    await this.database.query(
      `INSERT INTO audit_events (${columns})
       SELECT ${columns} FROM jsonb_populate_recordset(NULL::audit_events, $1)`,
      [JSON.stringify(rows)],
    );
  }

  /** The newest events of the chain that pass the filter, those before the event `beforeId` if it is given. */
  async findPage(
    chain: string,
    filter: AuditFilter,
    limit: number,
    beforeId?: string,
  ): Promise<AuditEvent[]> {
    const values: unknown[] = [chain, limit];
    const conditions = conditionsOf(filter, (value) => `$${values.push(value)}`);
    if (beforeId !== undefined) {
      values.push(beforeId);
      conditions.push(
        `sequence < (SELECT sequence FROM audit_events WHERE id = $${values.length} AND ${CHAIN} = $1)`,
      );
    }
    const rows = await this.database.query<Row>(
      `SELECT ${EVENT} FROM audit_events WHERE ${[`${CHAIN} = $1`, ...conditions].join(' AND ')}
       ORDER BY ${CHAIN} DESC, sequence DESC LIMIT $2`,
      values,
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
    while ((await this.deletePurged(chain, DELETED_AT_ONCE)) === DELETED_AT_ONCE);
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
    return this.deletePurged(found.chain, limit);
  }

  /** Deletes up to so many of the events that the chain begins behind, and tells how many. */
  private async deletePurged(chain: string, limit: number): Promise<number> {
    const [row] = await this.database.query<{ purged: number }>(
      `WITH purged AS (
         DELETE FROM audit_events WHERE id IN (
           SELECT id FROM audit_events WHERE ${CHAIN} = $1
             AND sequence <= (SELECT purged FROM audit_chains WHERE chain_id = $1)
           ORDER BY sequence LIMIT $2
         ) RETURNING 1
       ) SELECT count(*)::int AS purged FROM purged`,
      [chain, limit],
    );
    return row!.purged;
  }
}

/** @param use takes a parameter, and returns what stands for it in SQL */
function conditionsOf(
  { action, actorId, targetId, from, until }: AuditFilter,
  use: (value: unknown) => string,
): string[] {
  const conditions: string[] = [];
  if (action !== undefined) {
    conditions.push(
      action.endsWith('.') ? `starts_with(action, ${use(action)})` : `action = ${use(action)}`,
    );
  }
  if (actorId !== undefined) conditions.push(`actor_id = ${use(actorId)}`);
  if (targetId !== undefined) {
    conditions.push(`targets @> ${use(JSON.stringify([{ id: targetId }]))}::jsonb`);
  }
  if (from !== undefined) conditions.push(`occurred_at >= ${use(from)}`);
  if (until !== undefined) conditions.push(`occurred_at < ${use(until)}`);
  return conditions;
}

const present = ({ actorType, actorId, ...event }: Row): AuditEvent => ({
  ...event,
  // jsonb puts the shorter name first.
  changes: Object.fromEntries(
    Object.entries(event.changes).map(([field, { from, to }]) => [field, { from, to }]),
  ),
  targets: event.targets.map(({ type, id }) => ({ type, id })),
  actor: { type: actorType, id: actorId },
});
