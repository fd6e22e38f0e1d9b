import type { LoggerService } from '@nestjs/common';
import type { ServerConfig } from '../../../config/server.config.js';
import type { WorkerProcess } from './worker-process.js';

const FIRST_RESTART_MS = 250;
const SLOWEST_RESTART_MS = 10_000;
/** A worker that lived that long died of something new. */
const HEALTHY_MS = 30_000;
/** Longer than a start takes, on a busy machine and with a migration on the way. */
const READY_WITHIN_MS = 60_000;

export type PoolConfig = Pick<ServerConfig, 'workers' | 'shutdownGraceSeconds'>;
export type PooledWorker = Pick<WorkerProcess, keyof WorkerProcess>;

/** Keeps as many workers running as are configured, until it is told to stop. */
export class WorkerPool {
  /** Resolves with the exit code when it was told to stop and the last worker has ended. */
  readonly ended: Promise<number>;
  /** The oldest first. */
  private readonly workers = new Set<PooledWorker>();
  /** The one that is to prove that it can serve before another is retired. */
  private candidate: PooledWorker | undefined;
  private isStopping = false;
  private hasListened = false;
  private restartMs = FIRST_RESTART_MS;
  private exitCode = 0;
  private end: (exitCode: number) => void;

  /** @param fork starts a worker; with true if it shall listen only when it is ready */
  constructor(
    private config: PoolConfig,
    private readonly fork: (listensWhenReady: boolean) => PooledWorker,
    private readonly logger: Pick<LoggerService, 'log' | 'error'>,
  ) {
    this.ended = new Promise((done) => (this.end = done));
  }

  /** Starts as many workers as are missing. */
  fill(): void {
    while (!this.isStopping && this.workers.size < this.config.workers) this.add();
  }

  /**
   * Replaces all workers, one after the other: an old one is stopped when a new one can serve.
   * Rejects if a new one cannot; the old ones that are left then stay.
   */
  async replaceAll(config: PoolConfig): Promise<void> {
    try {
      for (let fresh = 0; fresh < config.workers; fresh += 1) {
        await this.addCandidate();
        if (this.workers.size > config.workers) await this.retireOldest();
      }
      while (this.workers.size > config.workers) await this.retireOldest();
      this.config = config;
    } finally {
      // One may have died meanwhile.
      this.fill();
    }
  }

  /** Passes the signal on to all workers; see `ended`. */
  stop(signal: 'SIGTERM' | 'SIGINT'): void {
    this.isStopping = true;
    for (const worker of this.workers) worker.tell(signal);
    if (this.workers.size === 0) this.end(this.exitCode);
  }

  private add(): PooledWorker {
    const worker = this.fork([...this.workers].some(({ isReady }) => isReady));
    this.workers.add(worker);
    void worker.listened.then(() => (this.hasListened = true));
    void worker.ended.then(() => this.onEnd(worker));
    return worker;
  }

  private async addCandidate(): Promise<void> {
    const worker = this.add();
    this.candidate = worker;
    const timer = setTimeout(() => worker.tell('SIGKILL'), READY_WITHIN_MS);
    const isReady = await worker.ready;
    clearTimeout(timer);
    this.candidate = undefined;
    if (isReady) return;
    const { signal, code } = worker.exit!;
    throw new Error(
      worker.wasTold && !this.isStopping
        ? `worker ${worker.pid} was not ready within ${READY_WITHIN_MS / 1_000} s`
        : `worker ${worker.pid} ended (${signal ?? code}) before it was ready`,
    );
  }

  private async retireOldest(): Promise<void> {
    const [oldest] = this.workers;
    await oldest?.retire(this.config.shutdownGraceSeconds);
  }

  private onEnd(worker: PooledWorker): void {
    this.workers.delete(worker);
    const { code, signal } = worker.exit!;
    if (this.isStopping) {
      if (!worker.hasObeyed) this.exitCode = code || 1;
      if (this.workers.size === 0) this.end(this.exitCode);
    } else if (worker === this.candidate || worker.wasTold) {
      return;
    } else if (!this.hasListened && code !== 0 && !signal) {
      // Nothing has ever worked: what is wrong will not go away by itself.
      this.exitCode = code;
      this.stop('SIGTERM');
    } else {
      this.replace(worker);
    }
  }

  private replace({ pid, livedMs, exit }: PooledWorker): void {
    if (livedMs > HEALTHY_MS) this.restartMs = FIRST_RESTART_MS;
    this.logger.error(
      `Worker ${pid} ended (${exit?.signal ?? exit?.code}); a new one starts in ${this.restartMs} ms`,
      'Supervisor',
    );
    setTimeout(() => this.fill(), this.restartMs);
    this.restartMs = Math.min(this.restartMs * 2, SLOWEST_RESTART_MS);
  }
}
