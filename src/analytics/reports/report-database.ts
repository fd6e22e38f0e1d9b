import type pg from 'pg';
import { retryRecoveryConflict } from '../../platform/database/recovery-conflict.js';
import type { SqlClient } from '../common/sql.js';

/** The connections that reports are read on. */
export class ReportDatabase {
  constructor(private readonly pool: pg.Pool) {
    // A break shows in the next query, which is where it is handled.
    const ignore = (): void => undefined;
    pool.on('error', ignore);
    pool.on('connect', (client) => client.on('error', ignore));
  }

  /**
   * What is read belongs together, however many statements it takes: all of them see one moment. Clicks and
   * counts are found by their keys: no report is worth a look at all of them, whatever PostgreSQL estimates.
   * @param work begins anew if a standby gives it up for what it has to replay
   */
  read<T>(work: (client: SqlClient) => Promise<T>): Promise<T> {
    return retryRecoveryConflict(() => this.readOnce(work));
  }

  private async readOnce<T>(work: (client: SqlClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    // A standby ends the connection, if it waits for this thread; the next query does not know why.
    let ended: Error | undefined;
    const note = (error: Error): void => void (ended = error);
    client.once('error', note);
    try {
      await client.query(
        'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL enable_seqscan = off',
      );
      const result = await work(client);
      // Nobody needs to wait for the end of a transaction that has changed nothing.
      client.query('COMMIT').then(
        () => client.release(),
        (error: Error) => client.release(error),
      );
      return result;
    } catch (error) {
      client.release(error as Error);
      throw ended ?? error;
    } finally {
      client.off('error', note);
    }
  }
}
