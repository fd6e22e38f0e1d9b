import type { Worker } from 'node:worker_threads';
import type { Circumstances, IngesterPriority } from './ingester-priority.js';
import type { IngesterMessage, IngesterReport } from './ingester.worker.js';
import { type IngestionProgress, lagMsOf } from './ingestion.types.js';

const RESTART_MS = 1_000;
const STOP_MS = 1_000;
/** How often the priority is judged: a batch that waits for the database may take long. */
const JUDGE_MS = 1_000;

/** Who is told how the ingester fares. */
export interface IngesterListener {
  /** Its counts are those of all threads so far. */
  progressed(progress: IngestionProgress): void;
  warned(message: string): void;
  failed(error: Error): void;
}

/**
 * Keeps an ingester running in a thread of its own. Another one follows when it has failed, or is
 * to have a normal priority again: a thread cannot raise its own.
 */
export class IngesterThread {
  private worker: Worker | undefined;
  private latest: IngestionProgress | undefined;
  private isLow = false;
  private isReplaced = false;
  private isLast = false;
  private onEnd: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param launch begins a thread of that priority
   */
  constructor(
    private readonly launch: (isLowPriority: boolean) => Worker,
    private readonly priority: Pick<IngesterPriority, 'isLow' | 'note'>,
    private readonly circumstances: () => Circumstances,
    private readonly listener: IngesterListener,
  ) {}

  /** Begins, unless the end has come already. */
  start(): void {
    if (this.isLast) return;
    this.timer ??= setInterval(() => this.judge(), JUDGE_MS).unref();
    this.next();
  }

  /** Tells the thread, if there is one. */
  tell(message: IngesterMessage): void {
    this.worker?.postMessage(message);
  }

  /**
   * From now on no other thread follows, except where one is being replaced already.
   * @returns when none is left
   */
  last(): Promise<void> {
    this.isLast = true;
    clearInterval(this.timer);
    if (!this.worker) return Promise.resolve();
    return new Promise((done) => (this.onEnd = done));
  }

  /** Lets it end what it is at, for a second at most. */
  async stop(): Promise<void> {
    this.isReplaced = false;
    const ended = this.last();
    this.tell('stop');
    const late = setTimeout(() => void this.worker?.terminate(), STOP_MS);
    await ended;
    clearTimeout(late);
  }

  private next(): void {
    const earlier = this.latest;
    this.isLow = this.priority.isLow;
    const worker = this.launch(this.isLow);
    this.worker = worker;
    worker.on('message', (report: IngesterReport) => {
      if ('warning' in report) this.listener.warned(report.warning);
      else this.note(sum(earlier, report));
    });
    worker.on('error', (error) => this.listener.failed(error));
    worker.on('exit', () => this.exited());
  }

  private note(progress: IngestionProgress): void {
    this.latest = progress;
    this.listener.progressed(progress);
    this.judge();
    if (this.isLast || this.isReplaced || !this.isLow || this.priority.isLow) return;
    this.isReplaced = true;
    this.tell('stop');
  }

  /** It can give way at any time, but only between batches, which is when it reports, be replaced. */
  private judge(): void {
    if (this.isLast || !this.worker || !this.latest) return;
    this.priority.note(this.circumstances(), lagMsOf(this.latest), performance.now());
    if (this.isLow || !this.priority.isLow) return;
    this.isLow = true;
    this.tell('give way');
  }

  private exited(): void {
    this.worker = undefined;
    if (this.isReplaced) {
      this.isReplaced = false;
      this.next();
    } else if (this.isLast) this.onEnd?.();
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
