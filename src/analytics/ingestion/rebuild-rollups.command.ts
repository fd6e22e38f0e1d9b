import pg from 'pg';
import { processConfig } from '../../../config/load-config.js';
import { connectionTarget } from '../../database/connection.js';
import { describeError } from '../../database/database-unavailable.js';
import { EmbeddedDatabase } from '../../database/embedded/embedded-database.js';
import { ClickCountsRepository } from './click-counts.repository.js';
import { ClickPacksRepository } from './click-packs.repository.js';
import { ClickRollupsRepository } from './click-rollups.repository.js';
import { ClickPartitionsRepository } from './click-partitions.repository.js';
import { ClicksRepository } from './clicks.repository.js';
import { DayCounter } from './day-counter.js';
import { RollupRebuildRepository } from './rollup-rebuild.repository.js';
import { RollupRebuilder } from './rollup-rebuilder.js';

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

/** `signpost rollups:rebuild`: all counts of clicks, made anew from the clicks. */
async function main(): Promise<void> {
  const { server, database } = processConfig();
  const embedded =
    database.url === undefined ? await EmbeddedDatabase.open(server.dataDir) : undefined;
  await embedded?.listening;
  const {
    statement_timeout: _,
    query_timeout: __,
    ...target
  } = connectionTarget(database, embedded?.endpoint);
  const client = new pg.Client({ ...target, application_name: 'signpost-rebuild' });
  await client.connect();
  try {
    await client.query(`SET TIME ZONE 'UTC'`);
    const days = new DayCounter(
      new ClickCountsRepository(client),
      new ClickPacksRepository(client),
      new ClickRollupsRepository(client),
    );
    await new RollupRebuilder(
      new ClicksRepository(client),
      days,
      new ClickPartitionsRepository(client),
      new RollupRebuildRepository(client),
      say,
    ).run();
    say('Done.');
  } finally {
    await client.end();
    await embedded?.stop();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`The rollups were not rebuilt: ${describeError(error)}\n`);
  process.exitCode = 1;
}
