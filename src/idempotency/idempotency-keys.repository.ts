import { Injectable } from '@nestjs/common';
import { QueryFailedError } from 'typeorm';
import { DatabaseService } from '../platform/database/database.service.js';
import { IdempotencyKeyEntity } from './idempotency-key.entity.js';

/** A key of a user, by its hash. */
export interface OwnedKey {
  keyHash: Buffer;
  ownerId: string;
}

/**
 * The key is this transaction's, with what its owner has stored by now; or it was used before; or
 * another transaction still works on it.
 */
export type Claim = { storedKibibytes: number } | { usedBefore: Buffer } | 'in-progress';

const LOCK_TIMED_OUT = '55P03';

/** Times are the database's: the one clock that all processes share. */
@Injectable()
export class IdempotencyKeysRepository {
  constructor(private readonly database: DatabaseService) {}

  /**
   * Takes the key for the current transaction. The unique index makes everyone else wait until
   * that transaction is over, for `waitMs` at most; after 'in-progress' it can only be rolled back.
   */
  async claim(key: OwnedKey, ttlSeconds: number, waitMs: number): Promise<Claim> {
    // At least 1: a lock_timeout of 0 would wait forever.
    await this.setLockTimeout(String(Math.max(1, Math.ceil(waitMs))));
    const claimed = await this.insertOrRenew(key, ttlSeconds).catch(unlessLockTimedOut);
    if (!claimed) return 'in-progress';
    await this.setLockTimeout(null);
    if (claimed[0]) return claimed[0];
    // The statement above has locked the row, so it cannot be purged in between.
    const { keyHash } = key;
    const used = await this.database.repository(IdempotencyKeyEntity).findOneByOrFail({ keyHash });
    return { usedBefore: used.answer };
  }

  /**
   * Keeps the answer and counts it; both become visible with everything else the transaction did.
   * Do it last: from then on other requests of the owner wait until the transaction is over.
   */
  async storeAnswer({ keyHash, ownerId }: OwnedKey, answer: Buffer): Promise<void> {
    await this.database.query(
      `WITH stored AS (UPDATE idempotency_keys SET answer = $2 WHERE key_hash = $1)
       INSERT INTO idempotency_usage AS u (owner_id, hour, kibibytes)
       VALUES ($3, date_bin('1 hour', now(), 'epoch'), $4)
       ON CONFLICT (owner_id, hour) DO UPDATE SET kibibytes = u.kibibytes + excluded.kibibytes`,
      [keyHash, answer, ownerId, Math.ceil(answer.length / 1024)],
    );
  }

  async release(keyHash: Buffer): Promise<void> {
    await this.database.repository(IdempotencyKeyEntity).delete({ keyHash });
  }

  /**
   * Deletes up to `limit` expired keys and tells how many; 0 while another process is at it.
   * Call it in a transaction of its own.
   */
  async purgeExpired(limit: number): Promise<number> {
    const rows = await this.database.query<{ purged: number }>(
      `WITH expired AS (
         SELECT key_hash FROM idempotency_keys
         WHERE expires_at <= now()
           AND pg_try_advisory_xact_lock(hashtextextended('signpost.idempotency.purge', 0))
         ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
       ), purged AS (
         DELETE FROM idempotency_keys USING expired
         WHERE idempotency_keys.key_hash = expired.key_hash RETURNING 1
       )
       SELECT count(*)::int AS purged FROM purged`,
      [limit],
    );
    return rows[0]?.purged ?? 0;
  }

  /** Forgets the hours whose keys have all expired after a day. */
  async purgeUsage(): Promise<void> {
    await this.database.query(
      `DELETE FROM idempotency_usage WHERE hour <= now() - interval '25 hours'`,
    );
  }

  private insertOrRenew(
    { keyHash, ownerId }: OwnedKey,
    ttlSeconds: number,
  ): Promise<{ storedKibibytes: number }[]> {
    return this.database.query(
      `INSERT INTO idempotency_keys AS k (key_hash, answer, expires_at)
       VALUES ($1, '', now() + make_interval(secs => $2))
       ON CONFLICT (key_hash) DO UPDATE SET answer = '', expires_at = excluded.expires_at
       WHERE k.expires_at <= now()
       RETURNING (
         SELECT coalesce(sum(kibibytes), 0)::int FROM idempotency_usage
         WHERE owner_id = $3 AND hour > now() - interval '25 hours'
       ) AS "storedKibibytes"`,
      [keyHash, ttlSeconds, ownerId],
    );
  }

  /** For the rest of the transaction; null sets it back to what the connection started with. */
  private async setLockTimeout(milliseconds: string | null): Promise<void> {
    await this.database.query(`SELECT set_config('lock_timeout', $1, true)`, [milliseconds]);
  }
}

function unlessLockTimedOut(error: unknown): undefined {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : undefined;
  if ((cause as { code?: string } | undefined)?.code === LOCK_TIMED_OUT) return undefined;
  throw error;
}
