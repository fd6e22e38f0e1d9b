import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DatabaseConfig } from '../../../config/database.config.js';
import { DatabaseConnection, dataSourceOptions } from './connection.js';
import { ConnectionModule } from './connection.module.js';
import { DatabaseMetrics } from './database.metrics.js';
import { DatabaseStartup } from './database-startup.js';
import { DatabaseStatus } from './database-status.js';
import { DatabaseService } from './database.service.js';
import { loadMigrations } from './load-classes.js';
import { ReplicaService } from './replica.service.js';

/** PostgreSQL for every feature: repositories inject DatabaseService, health DatabaseStatus. Reports read from ReplicaService. */
@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      imports: [ConnectionModule],
      inject: [DatabaseConnection, DatabaseConfig],
      useFactory: async (
        { target, sockets }: DatabaseConnection,
        { poolSize }: DatabaseConfig,
      ) => ({
        ...dataSourceOptions(target, { poolSize, sockets, migrations: await loadMigrations() }),
        autoLoadEntities: true,
        // DatabaseStartup connects: the process must come up while PostgreSQL is down.
        manualInitialization: true,
      }),
    }),
    ConnectionModule,
  ],
  providers: [DatabaseService, DatabaseStatus, DatabaseStartup, DatabaseMetrics, ReplicaService],
  exports: [DatabaseService, DatabaseStatus, ReplicaService, ConnectionModule],
})
export class DatabaseModule {}
