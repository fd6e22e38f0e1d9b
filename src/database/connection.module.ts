import { Global, Module } from '@nestjs/common';
import { DatabaseConfig } from '../../config/database.config.js';
import { ServerConfig } from '../../config/server.config.js';
import { connectionTarget, DatabaseConnection } from './connection.js';
import { EmbeddedDatabase } from './embedded/embedded-database.js';

const EMBEDDED = Symbol('EmbeddedDatabase');

/** Knows where PostgreSQL is, and starts the embedded one if no DATABASE_URL names another. */
@Global()
@Module({
  providers: [
    {
      provide: EMBEDDED,
      inject: [DatabaseConfig, ServerConfig],
      useFactory: (database: DatabaseConfig, server: ServerConfig) =>
        database.url === undefined ? EmbeddedDatabase.open(server.dataDir) : null,
    },
    {
      provide: DatabaseConnection,
      inject: [DatabaseConfig, EMBEDDED],
      useFactory: (config: DatabaseConfig, embedded: EmbeddedDatabase | null) =>
        new DatabaseConnection(connectionTarget(config, embedded?.endpoint), embedded !== null),
    },
  ],
  exports: [DatabaseConnection],
})
export class ConnectionModule {}
