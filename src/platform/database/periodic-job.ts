import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { DatabaseStatus } from './database-status.js';

/**
 * Does something every few seconds while the database is there, once at a time in this process. Other processes do
 * it, too: `work` does a part of what is to be done, in a transaction that locks it, and tells whether there may
 * be more.
 */
export abstract class PeriodicJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(this.constructor.name);
  private timer?: NodeJS.Timeout;
  private stopped = false;
  private isFailing = false;
  private running: Promise<void> | undefined;

  protected constructor(
    private readonly database: DatabaseStatus,
    private readonly intervalMs: number,
    private readonly work: () => Promise<boolean>,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running ??= this.run().finally(() => {
        this.running = undefined;
      });
    }, this.intervalMs).unref();
  }

  /** Waits for the part at work, so that the connections can be closed after it. */
  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** Never fails: what could not be done now is done next time. */
  async run(): Promise<void> {
    if (this.database.state !== 'ready') return;
    try {
      while (!this.stopped && (await this.work()));
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing) this.logger.warn(`It has to wait: ${String(error)}`);
      this.isFailing = true;
    }
  }
}
