import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { uuidv7 } from '../common/uuid.js';
import { ImportRun } from './import-run.js';
import { ImportRunFactory } from './import-run.factory.js';
import { ImportsRepository } from './imports.repository.js';

const POLL_MS = 2_000;

/** Imports at once in a process: each may need the memory of a large file. */
const MAX_RUNS = 2;

/** What ends the process, or fails for no known reason, is tried so often. */
const MAX_ATTEMPTS = 5;

/**
 * Works on imports, whichever process has taken them in: each belongs to a run for as long as that says it is at
 * work. Of a process that has died another one, or the next one, goes on where the last transaction ended.
 */
@Injectable()
export class ImportRunnerService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ImportRunnerService.name);
  private readonly runs = new Map<ImportRun, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;
  private isFailing = false;
  private isOver = false;

  constructor(
    private readonly imports: ImportsRepository,
    private readonly factory: ImportRunFactory,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.look(), POLL_MS).unref();
  }

  /** The batches at work are finished; another process goes on behind them. */
  async onModuleDestroy(): Promise<void> {
    this.isOver = true;
    clearInterval(this.timer);
    for (const run of this.runs.keys()) run.stop();
    await Promise.all(this.runs.values());
  }

  /** There is something to do. */
  wake(): void {
    void this.look();
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      while (this.runs.size < MAX_RUNS && !this.isOver) {
        const owner = uuidv7(this.clock.now());
        const claimed = await this.imports.claim(owner, new Date(this.clock.now()));
        this.isFailing = false;
        if (!claimed) return;
        const run = this.factory.create(claimed, owner);
        this.runs.set(run, this.finish(run, claimed.attempts > MAX_ATTEMPTS));
      }
    } catch (error) {
      // Once, however long the database is away.
      if (!this.isFailing) this.logger.warn(`Imports have to wait: ${String(error)}`);
      this.isFailing = true;
    } finally {
      this.isLooking = false;
    }
  }

  /** Never fails: an import that does is begun again when its lease is over. */
  private async finish(run: ImportRun, isHopeless: boolean): Promise<void> {
    try {
      if (isHopeless) await run.giveUp();
      else await run.work();
    } catch (error) {
      this.logger.warn(`Import ${run.id} was interrupted: ${String(error)}`);
    } finally {
      this.runs.delete(run);
    }
    if (!this.isOver) this.wake();
  }
}
