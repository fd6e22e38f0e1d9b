import { Injectable, Logger } from '@nestjs/common';
import { DatabaseConnection } from '../platform/database/connection.js';
import { describeError } from '../platform/database/database-unavailable.js';
import { databaseUnavailable, DatabaseService } from '../platform/database/database.service.js';

/** Whoever is counted waits for it: then the process counts by itself. */
const ANSWERS_WITHIN_MS = 1_000;
const WARN_EVERY_MS = 60_000;

/** As rate-limiter-flexible hands it to a pool of `pg`; we prepare no statements, as elsewhere. */
interface Statement {
  text: string;
  values: unknown[];
}

/** Where the limits are counted for all processes: the store of rate-limiter-flexible. */
@Injectable()
export class RateLimitsRepository {
  private readonly logger = new Logger(RateLimitsRepository.name);
  private answers = true;
  private warnedAt = -Infinity;

  constructor(
    private readonly database: DatabaseService,
    connection: DatabaseConnection,
  ) {
    connection.watch((answers) => {
      this.answers = answers;
    });
  }

  /** Rejects if PostgreSQL is known not to answer, or does not in time. */
  async query({ text, values }: Statement): Promise<{ rows: unknown[]; rowCount: number }> {
    try {
      if (!this.answers) throw databaseUnavailable();
      const rows = await inTime(this.database.query<unknown>(text, values));
      return { rows, rowCount: rows.length };
    } catch (error) {
      this.warn(error);
      throw error;
    }
  }

  /**
   * Deletes up to `limit` rows whose windows are over and tells how many; 0 while another process is
   * at it. Call it in a transaction of its own.
   */
  async purgeExpired(limit: number): Promise<number> {
    const rows = await this.database.query<{ purged: number }>(
      `WITH expired AS (
         SELECT key FROM rate_limits
         WHERE expire <= extract(epoch FROM now() - interval '1 minute') * 1000
           AND pg_try_advisory_xact_lock(hashtextextended('signpost.rate-limits.purge', 0))
         LIMIT $1 FOR UPDATE SKIP LOCKED
       ), purged AS (
         DELETE FROM rate_limits USING expired WHERE rate_limits.key = expired.key RETURNING 1
       )
       SELECT count(*)::int AS purged FROM purged`,
      [limit],
    );
    return rows[0]?.purged ?? 0;
  }

  private warn(error: unknown): void {
    const now = performance.now();
    if (now - this.warnedAt < WARN_EVERY_MS) return;
    this.warnedAt = now;
    this.logger.warn(`Rate limits are counted by each process alone: ${describeError(error)}`);
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(databaseUnavailable()), ANSWERS_WITHIN_MS);
  });
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
}
