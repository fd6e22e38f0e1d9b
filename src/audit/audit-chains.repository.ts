import type pg from 'pg';
import { NIL_UUID } from '../common/uuid.js';

const CHAIN = `coalesce(workspace_id, '${NIL_UUID}')`;

/** Enough for few round trips; an event may take up to some 20 KB. */
const EVENTS_AT_ONCE = 1_000;

export interface StoredChain {
  id: string;
  length: string;
  lastHash: Buffer;
  purged: string;
  purgedHash: Buffer;
}

export interface ChainedEvent {
  id: string;
  sequence: string;
  previousHash: Buffer;
  hash: Buffer;
  /** All that it says, as it was hashed. */
  text: string;
}

/** Reads all chains as they were at one moment, on a connection of its own. */
export class AuditChainsRepository {
  constructor(private readonly client: pg.Client) {}

  /** What is read until `end` belongs together, while the service goes on. */
  async begin(): Promise<void> {
    await this.client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  }

  async end(): Promise<void> {
    await this.client.query('COMMIT');
  }

  /** Also those that have events, and are not on record. */
  async findChains(): Promise<StoredChain[]> {
    const { rows } = await this.client.query<StoredChain>(
      `SELECT chain_id AS id, length, last_hash AS "lastHash", purged, purged_hash AS "purgedHash"
       FROM audit_chains
       UNION ALL
       SELECT DISTINCT ${CHAIN}, 0, sha256(''), 0, sha256('') FROM audit_events
       WHERE NOT EXISTS (SELECT FROM audit_chains WHERE chain_id = ${CHAIN})
       ORDER BY id`,
    );
    return rows;
  }

  /**
   * The events of a chain in order. The text is made as the trigger made it, but here: whoever can change
   * rows could change a function of the database as well.
   */
  async *findEvents(chain: string): AsyncGenerator<ChainedEvent> {
    let after: string | null = null;
    for (;;) {
      const { rows }: pg.QueryResult<ChainedEvent> = await this.client.query<ChainedEvent>(
        `SELECT id, sequence, previous_hash AS "previousHash", hash,
           jsonb_build_array(
             sequence, id, (extract(epoch FROM occurred_at) * 1000000)::bigint,
             workspace_id, action, actor_type, actor_id, targets, changes,
             context, outcome, link_id, link_version
           )::text AS text
         FROM audit_events WHERE ${CHAIN} = $1 AND ($2::bigint IS NULL OR sequence > $2)
         ORDER BY sequence LIMIT ${EVENTS_AT_ONCE}`,
        [chain, after],
      );
      yield* rows;
      if (rows.length < EVENTS_AT_ONCE) return;
      after = rows.at(-1)!.sequence;
    }
  }
}
