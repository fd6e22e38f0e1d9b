import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { DatabaseService } from './database.service.js';

const INTERVAL_MS = 10 * 60 * 1000;
const BATCH = 1000;

/**
 * Deletes what has expired every ten minutes, in short transactions. `purgeBatch` deletes up to so
 * many rows and returns that number if there may be more.
 */
export abstract class PeriodicPurge implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(this.constructor.name);
  private timer?: NodeJS.Timeout;
  private stopped = false;
  private running: Promise<void> = Promise.resolve();

  protected constructor(
    private readonly database: DatabaseService,
    private readonly what: string,
    private readonly purgeBatch: (limit: number) => Promise<number>,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running = this.purge();
    }, INTERVAL_MS).unref();
  }

  /** Waits for the batch at work, so that the connections can be closed after it. */
  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** Never fails: what could not be deleted now is deleted next time. */
  async purge(): Promise<void> {
    try {
      let purged = BATCH;
      while (purged === BATCH && !this.stopped) {
        purged = await this.database.transaction(() => this.purgeBatch(BATCH));
      }
    } catch (error) {
      this.logger.warn(`Expired ${this.what} could not be deleted: ${String(error)}`);
    }
  }
}
