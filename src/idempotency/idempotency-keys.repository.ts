import { Injectable } from '@nestjs/common';
import { QueryFailedError } from 'typeorm';
import { DatabaseService } from '../database/database.service.js';
import { IdempotencyKeyEntity } from './idempotency-key.entity.js';

/** The key is this transaction's, or was used before, or another transaction still works on it. */
export type Claim = 'claimed' | 'in-progress' | { usedBefore: Buffer };

const LOCK_TIMED_OUT = '55P03';

/** Times are the database's: the one clock that all processes share. */
@Injectable()
export class IdempotencyKeysRepository {
  constructor(private readonly database: DatabaseService) {}

  /**
   * Takes the key for the current transaction. The unique index makes everyone else wait until
   * that transaction is over, for `waitMs` at most; after 'in-progress' it can only be rolled back.
   */
  async claim(keyHash: Buffer, ttlSeconds: number, waitMs: number): Promise<Claim> {
    // At least 1: a lock_timeout of 0 would wait forever.
    await this.setLockTimeout(String(Math.max(1, Math.ceil(waitMs))));
    const claimed = await this.insertOrRenew(keyHash, ttlSeconds).catch(unlessLockTimedOut);
    if (!claimed) return 'in-progress';
    await this.setLockTimeout(null);
    if (claimed.length > 0) return 'claimed';
    // The statement above has locked the row, so it cannot be purged in between.
    const used = await this.database.repository(IdempotencyKeyEntity).findOneByOrFail({ keyHash });
    return { usedBefore: used.answer };
  }

  /** Keeps the answer; it becomes visible with everything else the transaction did. */
  async storeAnswer(keyHash: Buffer, answer: Buffer): Promise<void> {
    await this.database.repository(IdempotencyKeyEntity).update({ keyHash }, { answer });
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

  private insertOrRenew(keyHash: Buffer, ttlSeconds: number): Promise<unknown[]> {
    return this.database.query(
      `INSERT INTO idempotency_keys AS k (key_hash, answer, expires_at)
       VALUES ($1, '', now() + make_interval(secs => $2))
       ON CONFLICT (key_hash) DO UPDATE SET answer = '', expires_at = excluded.expires_at
       WHERE k.expires_at <= now()
       RETURNING 1`,
      [keyHash, ttlSeconds],
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
