import { DataSource } from 'typeorm';
import { processConfig } from '../../../config/load-config.js';
import { connectionTarget, dataSourceOptions } from './connection.js';
import { EmbeddedDatabase } from './embedded/embedded-database.js';
import { loadEntities, loadMigrations } from './load-classes.js';

/** The database of this environment for tools without Nest: the TypeORM CLI and `signpost migrate`. */
const { server, database } = processConfig();
const embedded =
  database.url === undefined ? await EmbeddedDatabase.open(server.dataDir) : undefined;
// The TypeORM CLI does not try twice.
await embedded?.listening;
const target = connectionTarget(database, embedded?.endpoint);

export default new DataSource(
  dataSourceOptions(
    // Whoever runs a command waits rather than reads an error.
    { ...target, connectionTimeoutMillis: Math.max(target.connectionTimeoutMillis, 10_000) },
    { poolSize: 1, entities: await loadEntities(), migrations: await loadMigrations() },
  ),
);
