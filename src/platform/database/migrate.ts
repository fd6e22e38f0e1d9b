import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import type { ConnectionTarget } from './connection.js';

/** One advisory lock per database: the key is "sign" in ASCII, then our own number. */
const LOCK = [0x7369676e, 1];
const POLL_MS = 250;

export interface MigrateOptions {
  /** How long to wait for another process that is migrating. */
  lockWaitMs?: number;
}

const TEN_MINUTES_MS = 600_000;

/**
 * Applies the pending migrations, each in its own transaction, and returns their names. Any number
 * of processes may call it at once: one works, the others wait and then find nothing to do.
 */
export async function runMigrations(
  dataSource: DataSource,
  options: MigrateOptions = {},
): Promise<string[]> {
  return underLock(dataSource, options, async (executor) => {
    const applied = await executor.executePendingMigrations();
    return applied.map((migration) => migration.name);
  });
}

/** Undoes the newest applied migration and returns its name, or undefined if there is none. */
export async function revertMigration(
  dataSource: DataSource,
  options: MigrateOptions = {},
): Promise<string | undefined> {
  return underLock(dataSource, options, async (executor) => {
    const [newest] = await executor.getExecutedMigrations();
    await executor.undoLastMigration();
    return newest?.name;
  });
}

/** The migrations that the code has and the database has not. Reads only, takes no lock. */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  const pending = await new MigrationExecutor(dataSource).getPendingMigrations();
  return pending.map((migration) => migration.name);
}

/** Works on a connection of its own, which holds the lock and on which no statement times out. */
async function underLock<T>(
  { options }: DataSource,
  { lockWaitMs = TEN_MINUTES_MS }: MigrateOptions,
  work: (executor: MigrationExecutor) => Promise<T>,
): Promise<T> {
  const target = (options as { extra: ConnectionTarget }).extra;
  const patient = { ...target, statement_timeout: 0, query_timeout: 0 } satisfies ConnectionTarget;
  // Not a socket of the pool, either: those are closed when nothing comes for a while.
  const extra = { ...patient, stream: undefined };
  const own = new DataSource({ ...options, entities: [], poolSize: 1, extra } as typeof options);
  await own.initialize();
  const runner = own.createQueryRunner();
  try {
    await runner.query('SET statement_timeout = 0');
    await lock(runner, lockWaitMs);
    const executor = new MigrationExecutor(own, runner);
    executor.transaction = 'each';
    return await work(executor);
  } finally {
    // The lock goes with its connection.
    await own.destroy();
  }
}

/**
 * Asks again and again: a statement that waits for the lock would hold a snapshot, for which a
 * CREATE INDEX CONCURRENTLY of the process that has the lock waits in turn, forever.
 */
async function lock(runner: QueryRunner, waitMs: number): Promise<void> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const [row] = (await runner.query('SELECT pg_try_advisory_lock($1, $2) AS locked', LOCK)) as [
      { locked: boolean },
    ];
    if (row.locked) return;
    if (Date.now() > deadline) {
      throw new Error('another process has been migrating this database for too long');
    }
    await sleep(POLL_MS);
  }
}
