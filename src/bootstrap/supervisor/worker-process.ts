import cluster from 'node:cluster';

const KILL_AFTER_MS = 5_000;
/** Set for a worker that shall listen only when it can serve as well as those that do already. */
const LISTEN_WHEN_READY = 'SIGNPOST_LISTEN_WHEN_READY';
const READY = 'signpost:ready';

/** One worker as its supervisor sees it, from the fork to the end. */
export class WorkerProcess {
  /** Resolves with true when it can serve, with false if it ends before. */
  readonly ready: Promise<boolean>;
  /** Resolves when it has listened, if it ever does. */
  readonly listened: Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  isReady = false;
  exit: { code: number; signal: string | null } | undefined;
  private readonly worker;
  private readonly startedAt = Date.now();
  private told: NodeJS.Signals | undefined;

  /** @param listensWhenReady not before: others serve already, perhaps from memory alone */
  constructor(listensWhenReady: boolean) {
    const worker = cluster.fork(listensWhenReady ? { [LISTEN_WHEN_READY]: 'true' } : {});
    this.worker = worker;
    this.listened = new Promise((done) => worker.once('listening', () => done()));
    this.ended = new Promise((done) => {
      worker.once('exit', (code, signal) => {
        this.exit = { code, signal };
        done();
      });
    });
    this.ready = new Promise((done) => {
      worker.on('message', (message: unknown) => {
        if (message !== READY) return;
        this.isReady = true;
        done(true);
      });
      // Later than others are told of the end.
      worker.once('exit', () => setImmediate(done, false));
    });
  }

  get pid(): number | undefined {
    return this.worker.process.pid;
  }

  get livedMs(): number {
    return Date.now() - this.startedAt;
  }

  /** Whether it was told to end. */
  get wasTold(): boolean {
    return this.told !== undefined;
  }

  /** Whether it was told to end and did, also if the signal came before it could handle signals. */
  get hasObeyed(): boolean {
    if (this.told === undefined || !this.exit) return false;
    return this.exit.code === 0 || this.exit.signal === this.told;
  }

  /** Passes a signal on: a worker stops cleanly at the first, at once at the second. */
  tell(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void {
    this.told = signal;
    this.worker.process.kill(signal);
  }

  /** Stops it cleanly; by force if it still runs when the grace period is well over. */
  async retire(graceSeconds: number): Promise<void> {
    this.tell('SIGTERM');
    const force = setTimeout(() => this.tell('SIGKILL'), graceSeconds * 1_000 + KILL_AFTER_MS);
    await this.ended;
    clearTimeout(force);
  }
}

/** In a worker: whether to listen only when it is ready. */
export const listensWhenReady = (): boolean =>
  cluster.isWorker && process.env[LISTEN_WHEN_READY] !== undefined;

/** In a worker: tells the supervisor that it can serve. */
export function announceReady(): void {
  cluster.worker?.send(READY);
}
