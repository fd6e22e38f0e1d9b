import { Global, Module } from '@nestjs/common';
import { DatabaseConfig } from '../../../config/database.config.js';
import { ServerConfig } from '../../../config/server.config.js';
import { connectionTarget, DatabaseConnection } from './connection.js';
import { EmbeddedDatabase } from './embedded/embedded-database.js';

async function connectionOf(
  config: DatabaseConfig,
  { dataDir }: ServerConfig,
): Promise<DatabaseConnection> {
  if (config.url !== undefined) return new DatabaseConnection(connectionTarget(config), false);
  const embedded = await EmbeddedDatabase.open(dataDir);
  const target = connectionTarget(config, embedded.endpoint);
  return new DatabaseConnection(target, true, () => embedded.stop());
}

/** Knows where PostgreSQL is, and starts the embedded one if no DATABASE_URL names another. */
@Global()
@Module({
  providers: [
    {
      provide: DatabaseConnection,
      inject: [DatabaseConfig, ServerConfig],
      useFactory: connectionOf,
    },
  ],
  exports: [DatabaseConnection],
})
export class ConnectionModule {}
