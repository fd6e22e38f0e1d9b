import pg from 'pg';
import { processConfig } from '../../../config/load-config.js';
import { connectionTarget } from '../../platform/database/connection.js';
import { describeError } from '../../platform/database/database-unavailable.js';
import { ClicksRepository } from './clicks.repository.js';
import { DISTRIBUTED_TABLES, DistributionRepository } from './distribution.repository.js';

const USAGE = `usage: distribute.command.js [--undo]
  spreads the tables of clicks over the workers of Citus (docs/operate.md)
  --undo  brings them back to the coordinator`;

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

async function main(args: string[]): Promise<void> {
  const undo = args[0] === '--undo';
  if (args.length > (undo ? 1 : 0)) throw new Error(USAGE);
  const { database } = processConfig();
  if (database.url === undefined)
    throw new Error('DATABASE_URL is not set, and the embedded database has no nodes');
  const client = new pg.Client({
    ...connectionTarget(database),
    statement_timeout: 0,
    query_timeout: 0,
  });
  // A break shows in the query under way.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await moveTables(client, undo);
  } finally {
    await client.end();
  }
}

/**
 * One table after the other, each in a transaction: what is done stays done when a later one fails, and
 * the command goes on from there. Clicks wait in the spool while a table moves.
 */
async function moveTables(client: pg.Client, undo: boolean): Promise<void> {
  const distribution = new DistributionRepository(client);
  const obstacle = await distribution.obstacle();
  if (obstacle !== undefined) throw new Error(obstacle);
  const clicks = new ClicksRepository(client);
  for (const table of DISTRIBUTED_TABLES) {
    if ((await distribution.isDistributed(table)) !== undo) {
      say(`${table.name}: nothing to do`);
      continue;
    }
    say(`${table.name}: moving ${undo ? 'back' : await distribution.sizeOf(table)} …`);
    const startedAt = Date.now();
    await clicks.transaction(
      () => (undo ? distribution.undistribute(table) : distribution.distribute(table)),
      'alone',
    );
    say(`${table.name}: done in ${Math.ceil((Date.now() - startedAt) / 1000)} s`);
  }
  say('Done.');
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`The tables were not moved: ${describeError(error)}\n`);
  process.exitCode = 1;
}
