import { setTimeout as sleep } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { DatabaseConfig } from '../../../config/database.config.js';
import { DatabaseConnection } from './connection.js';
import { describeError, isDatabaseUnavailable } from './database-unavailable.js';
import { DatabaseStatus } from './database-status.js';
import { pendingMigrations, runMigrations } from './migrate.js';
import { insistOnUtf8, UnsuitableDatabase } from './unsuitable-database.js';

const FIRST_RETRY_MS = 100;
const SLOWEST_RETRY_MS = 2_000;
const EMBEDDED_STARTS_WITHIN_MS = 30_000;

/**
 * Brings the database up behind the running server: connects, however long that takes, then
 * migrates, or waits until somebody else has. The process answers its health checks meanwhile.
 */
@Injectable()
export class DatabaseStartup
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly logger = new Logger(DatabaseStartup.name);
  private readonly stopped = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private readonly startedAt = Date.now();
  private said = '';

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly connection: DatabaseConnection,
    private readonly config: DatabaseConfig,
    private readonly status: DatabaseStatus,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.start();
  }

  /** Waits for the attempt under way, so that no connection is made after the last one was closed. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  /** The modules of features have been told before, because this one is global. */
  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
    await this.connection.close();
  }

  private async start(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.stopped.signal.aborted) {
      try {
        if (await this.attempt()) return;
      } catch (error) {
        if (error instanceof UnsuitableDatabase) return this.status.giveUp(error);
        this.report(error);
      }
      await sleep(retryMs, undefined, { signal: this.stopped.signal }).catch(() => undefined);
      retryMs = this.isStarting() ? FIRST_RETRY_MS : Math.min(retryMs * 2, SLOWEST_RETRY_MS);
    }
  }

  /** One step after the other; what was reached stays reached for the next attempt. */
  private async attempt(): Promise<boolean> {
    if (!this.dataSource.isInitialized) await this.dataSource.initialize();
    await insistOnUtf8(this.dataSource);
    if (this.config.migrateOnStart) {
      this.status.enter('migrating');
      const applied = await runMigrations(this.dataSource);
      if (applied.length > 0) this.logger.log(`Applied ${applied.length}: ${applied.join(', ')}`);
    }
    const pending = await pendingMigrations(this.dataSource);
    if (pending.length > 0) {
      this.status.enter('pending-migrations', pending);
      throw new Error(
        `migrations are pending, run "bin/signpost.js migrate": ${pending.join(', ')}`,
      );
    }
    this.status.enter('ready');
    this.logger.log('The database is ready');
    return true;
  }

  /** Says it once, then again only when the reason changes. */
  private report(error: unknown): void {
    if (this.isStarting() && isDatabaseUnavailable(error)) return;
    const reason = describeError(error);
    this.status.failed(reason);
    if (reason === this.said) return;
    this.said = reason;
    this.logger.warn(`The database is not ready (${this.status.state}), still trying: ${reason}`);
  }

  /** The embedded database was started by this process a moment ago: that takes a while. */
  private isStarting(): boolean {
    return this.connection.embedded && Date.now() - this.startedAt < EMBEDDED_STARTS_WITHIN_MS;
  }
}
