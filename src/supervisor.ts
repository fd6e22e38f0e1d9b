import cluster, { type Worker } from 'node:cluster';
import type { AppLogger } from './observability/app.logger.js';

const FIRST_RESTART_MS = 250;
const SLOWEST_RESTART_MS = 10_000;
/** A worker that lived that long died of something new. */
const HEALTHY_MS = 30_000;

/**
 * Runs the service in several processes that share the port, and replaces those that die. They need
 * nothing of one another: each writes a spool of its own, and one of them ingests all spools.
 */
export class Supervisor {
  private isStopping = false;
  private hasListened = false;
  private restartMs = FIRST_RESTART_MS;

  constructor(
    private readonly workers: number,
    private readonly logger: AppLogger,
  ) {}

  start(): void {
    // Workers accept for themselves. Handed out by the primary (node's default), the connection on
    // its way to a worker that is killed would be left open, and its client waiting for ever.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => this.stop(signal));
    }
    cluster.on('listening', () => (this.hasListened = true));
    for (let n = 0; n < this.workers; n += 1) this.fork();
  }

  private fork(): void {
    if (this.isStopping) return;
    const startedAt = Date.now();
    const worker = cluster.fork();
    worker.on('exit', (code, signal) => this.onExit(worker, code, signal, Date.now() - startedAt));
  }

  private onExit(worker: Worker, code: number, signal: string | null, livedMs: number): void {
    if (this.isStopping) {
      if (code !== 0) process.exitCode = code || 1;
      if (Object.keys(cluster.workers ?? {}).length === 0) this.exit();
      return;
    }
    // Nothing has ever worked: what is wrong will not go away by itself.
    if (!this.hasListened && code !== 0 && !signal) {
      process.exitCode = code;
      this.stop('SIGTERM');
      return;
    }
    if (livedMs > HEALTHY_MS) this.restartMs = FIRST_RESTART_MS;
    this.logger.error(
      `Worker ${worker.process.pid} ended (${signal ?? code}); a new one starts in ${this.restartMs} ms`,
      'Supervisor',
    );
    setTimeout(() => this.fork(), this.restartMs);
    this.restartMs = Math.min(this.restartMs * 2, SLOWEST_RESTART_MS);
  }

  /** Passes the signal on: workers stop cleanly at the first, at once at the second. */
  private stop(signal: 'SIGTERM' | 'SIGINT'): void {
    this.isStopping = true;
    const workers = Object.values(cluster.workers ?? {});
    for (const worker of workers) worker?.process.kill(signal);
    if (workers.length === 0) this.exit();
  }

  private exit(): never {
    this.logger.flush();
    process.exit();
  }
}
