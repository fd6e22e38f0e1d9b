import type { Worker } from 'node:worker_threads';
import { startLowPriorityThread } from '../../common/thread-priority.js';
import type { DatabaseConnection } from '../../platform/database/connection.js';
import type { IngesterMessage, IngesterReport, IngesterWorkerData } from './ingester.worker.js';
import type { IngestionProgress } from './ingestion.types.js';

const RESTART_MS = 1_000;
const STOP_MS = 1_000;
const TIDY_UP_MS = 60 * 60 * 1000;
/** The embedded database does one thing at a time: small transactions let lookups in between. */
const EMBEDDED = { lanes: 1, maxTransactionBytes: 256 * 1024, maxBatchBytes: 256 * 1024 };
/** A batch may get little of the core, and how late clicks are is seen between two. */
const EXTERNAL = {
  lanes: 2,
  maxTransactionBytes: 2 * 1024 * 1024,
  maxBatchBytes: 4 * 1024 * 1024,
};

/** What the thread of an ingester does not know by itself. */
export type IngesterSettings = Omit<
  IngesterWorkerData,
  'target' | 'tidyUpMs' | keyof typeof EXTERNAL
>;

/** Begins a thread that ingests. Its priority is low, so that redirects go before it on the same core. */
export function launchIngester(
  { target, embedded }: Pick<DatabaseConnection, 'target' | 'embedded'>,
  settings: IngesterSettings,
): Worker {
  const workerData: IngesterWorkerData = {
    ...settings,
    ...(embedded ? EMBEDDED : EXTERNAL),
    target,
    tidyUpMs: TIDY_UP_MS,
  };
  return startLowPriorityThread(new URL('./ingester.worker.js', import.meta.url), { workerData });
}

/** Who is told how the ingester fares. */
export interface IngesterListener {
  /** Its counts are those of all threads so far. */
  progressed(progress: IngestionProgress): void;
  warned(message: string): void;
  failed(error: Error): void;
}

/** Keeps an ingester running in a thread of its own: another one follows when it has failed. */
export class IngesterThread {
  private worker: Worker | undefined;
  private latest: IngestionProgress | undefined;
  private isLast = false;
  private onEnd: (() => void) | undefined;

  constructor(
    private readonly launch: () => Worker,
    private readonly listener: IngesterListener,
  ) {}

  /** Begins, unless the end has come already. */
  start(): void {
    if (this.isLast) return;
    const earlier = this.latest;
    const worker = this.launch();
    this.worker = worker;
    worker.on('message', (report: IngesterReport) => {
      if ('warning' in report) this.listener.warned(report.warning);
      else this.listener.progressed((this.latest = sum(earlier, report)));
    });
    worker.on('error', (error) => this.listener.failed(error));
    worker.on('exit', () => this.exited());
  }

  /** Tells the thread, if there is one. */
  tell(message: IngesterMessage): void {
    this.worker?.postMessage(message);
  }

  /**
   * From now on no other thread follows.
   * @returns when none is left
   */
  last(): Promise<void> {
    this.isLast = true;
    if (!this.worker) return Promise.resolve();
    return new Promise((done) => (this.onEnd = done));
  }

  /** Lets it end what it is at, for a second at most. */
  async stop(): Promise<void> {
    const ended = this.last();
    this.tell('stop');
    const late = setTimeout(() => void this.worker?.terminate(), STOP_MS);
    await ended;
    clearTimeout(late);
  }

  private exited(): void {
    this.worker = undefined;
    if (this.isLast) this.onEnd?.();
    else setTimeout(() => this.start(), RESTART_MS).unref();
  }
}

/** A thread counts from zero; counters must not go back. */
function sum(
  earlier: IngestionProgress | undefined,
  progress: IngestionProgress,
): IngestionProgress {
  if (!earlier) return progress;
  return {
    ...progress,
    clicks: earlier.clicks + progress.clicks,
    segments: earlier.segments + progress.segments,
    rejectedSegments: earlier.rejectedSegments + progress.rejectedSegments,
    corruptRecords: earlier.corruptRecords + progress.corruptRecords,
    foreignFiles: earlier.foreignFiles + progress.foreignFiles,
    replayedSegments: earlier.replayedSegments + progress.replayedSegments,
  };
}
