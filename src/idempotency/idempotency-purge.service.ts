import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DatabaseService } from '../database/database.service.js';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';

const INTERVAL_MS = 10 * 60 * 1000;
const BATCH = 1000;

/** Deletes expired keys now and then, in short transactions, one process at a time. */
@Injectable()
export class IdempotencyPurgeService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(IdempotencyPurgeService.name);
  private timer?: NodeJS.Timeout;
  private stopped = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: DatabaseService,
    private readonly keys: IdempotencyKeysRepository,
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
        purged = await this.database.transaction(() => this.keys.purgeExpired(BATCH));
      }
      await this.keys.purgeUsage();
    } catch (error) {
      this.logger.warn(`Expired idempotency keys could not be deleted: ${String(error)}`);
    }
  }
}
