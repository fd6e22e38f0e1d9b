import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { describeError, isDatabaseUnavailable } from './database-unavailable.js';
import { revertMigration, runMigrations } from './migrate.js';
import { insistOnUtf8 } from './unsuitable-database.js';

const USAGE = `usage: migrate.command.js [run|revert]
  run     apply the pending migrations (default)
  revert  undo the newest applied migration`;

/** In a deployment the database may be starting at the same time. */
const CONNECT_WITHIN_MS = 30_000;

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

async function main(command: string): Promise<void> {
  if (command !== 'run' && command !== 'revert') throw new Error(USAGE);
  const { default: dataSource } = await import('./data-source.js');
  try {
    await connect(dataSource);
    await insistOnUtf8(dataSource);
    await migrate(command, dataSource);
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
  }
}

async function migrate(command: 'run' | 'revert', dataSource: DataSource): Promise<void> {
  if (command === 'run') {
    const applied = await runMigrations(dataSource);
    for (const name of applied) say(`applied ${name}`);
    say(applied.length === 0 ? 'Nothing to do: the database is up to date.' : 'Done.');
  } else {
    const reverted = await revertMigration(dataSource);
    say(reverted === undefined ? 'Nothing to revert.' : `reverted ${reverted}`);
  }
}

async function connect(dataSource: DataSource): Promise<void> {
  const deadline = Date.now() + CONNECT_WITHIN_MS;
  let waiting = false;
  while (!dataSource.isInitialized) {
    try {
      await dataSource.initialize();
    } catch (error) {
      if (Date.now() > deadline || !isDatabaseUnavailable(error)) throw error;
      if (!waiting) say(`Waiting for the database: ${describeError(error)}`);
      waiting = true;
      await sleep(200);
    }
  }
}

Logger.overrideLogger(['warn', 'error']);
try {
  await main(process.argv[2] ?? 'run');
} catch (error) {
  process.stderr.write(`The migration failed: ${describeError(error)}\n`);
  process.exitCode = 1;
}
