import { setTimeout as sleep } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { DatabaseConfig } from '../../config/database.config.js';
import { describeError } from './database-unavailable.js';
import { DatabaseStatus } from './database-status.js';
import { pendingMigrations, runMigrations } from './migrate.js';

const FIRST_RETRY_MS = 100;
const SLOWEST_RETRY_MS = 2_000;

/**
 * Brings the database up behind the running server: connects, however long that takes, then
 * migrates, or waits until somebody else has. The process answers its health checks meanwhile.
 */
@Injectable()
export class DatabaseStartup implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(DatabaseStartup.name);
  private readonly stopped = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private said = '';

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
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

  private async start(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.stopped.signal.aborted) {
      try {
        if (await this.attempt()) return;
      } catch (error) {
        this.report(error);
      }
      await sleep(retryMs, undefined, { signal: this.stopped.signal }).catch(() => undefined);
      retryMs = Math.min(retryMs * 2, SLOWEST_RETRY_MS);
    }
  }

  /** One step after the other; what was reached stays reached for the next attempt. */
  private async attempt(): Promise<boolean> {
    if (!this.dataSource.isInitialized) await this.dataSource.initialize();
    if (this.config.migrateOnStart) {
      this.status.enter('migrating');
      const applied = await runMigrations(this.dataSource);
      if (applied.length > 0) this.logger.log(`Applied ${applied.length}: ${applied.join(', ')}`);
    }
    const pending = await pendingMigrations(this.dataSource);
    if (pending.length > 0) {
      this.status.enter('pending-migrations', pending);
      throw new Error(`migrations are pending, run "npm run migrate": ${pending.join(', ')}`);
    }
    this.status.enter('ready');
    this.logger.log('The database is ready');
    return true;
  }

  /** Says it once, then again only when the reason changes. */
  private report(error: unknown): void {
    const reason = describeError(error);
    this.status.failed(reason);
    if (reason === this.said) return;
    this.said = reason;
    this.logger.warn(`The database is not ready (${this.status.state}), still trying: ${reason}`);
  }
}
