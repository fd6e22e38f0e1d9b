import type { Worker } from 'node:worker_threads';
import { startLowPriorityThread } from '../../common/thread-priority.js';
import { DAY_MS } from '../analytics.types.js';
import type {
  CountingOutcome,
  CountingRequest,
  CountingTask,
  CountingWorkerData,
} from './counting.worker.js';
import type { GroupCounters } from './group-counters.js';
import type { PackKeeper } from './pack-reader.js';
import type { PackHead, PackParts } from './stored-pack.js';

/** To ask for the counts of fewer takes about as long as to count them. */
const FEWEST_CLICKS = 100_000;

interface Question {
  task: CountingTask;
  heads: PackHead[];
  counters: GroupCounters;
  resolve: (missing: string[]) => void;
}

/**
 * A second thread that keeps and counts packs: of those that are large, every second day. It starts when
 * there is the first one. If it ends, its packs are just not in memory any more.
 */
export class CountingThread implements PackKeeper {
  private worker: Worker | undefined;
  /** The first of them is being answered; what was counted for it is used before the next one is asked. */
  private readonly questions: Question[] = [];

  /** @param cacheBytes how much it keeps at most */
  constructor(
    private readonly cacheBytes: number,
    private readonly launch = startThread,
    private readonly fewestClicks = FEWEST_CLICKS,
  ) {}

  takes({ day, clicks }: Pick<PackHead, 'day' | 'clicks'>): boolean {
    return clicks >= this.fewestClicks && (day / DAY_MS) % 2 === 1;
  }

  keep(packId: string, parts: PackParts): void {
    this.worker ??= this.start();
    this.post({ packId, parts });
  }

  /**
   * Counts those of the packs that it keeps. It is asked before this returns.
   * @param counters what it has counted is added to
   * @returns the ids of the others
   */
  async count(task: CountingTask, heads: PackHead[], counters: GroupCounters): Promise<string[]> {
    if (!this.worker || heads.length === 0) return heads.map(({ id }) => id);
    return new Promise((resolve) => {
      this.questions.push({ task, heads, counters, resolve });
      if (this.questions.length === 1) this.askFirst();
    });
  }

  private askFirst(): void {
    const { task, heads } = this.questions[0]!;
    this.post({ task, heads });
  }

  private post(request: CountingRequest): void {
    this.worker!.postMessage(request);
  }

  private start(): Worker {
    const worker = this.launch({ cacheBytes: this.cacheBytes });
    worker.on('message', (outcome: CountingOutcome) => this.answer(outcome));
    // Whoever waits for an answer reads the packs instead.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      this.worker = undefined;
      for (const { heads, resolve } of this.questions.splice(0)) resolve(heads.map(({ id }) => id));
    });
    // After the listeners: the first of them would undo it.
    worker.unref();
    return worker;
  }

  private answer({ counts, missing }: CountingOutcome): void {
    const { counters, resolve } = this.questions.shift()!;
    counters.addAll(counts);
    resolve(missing);
    if (this.questions.length > 0) this.askFirst();
  }
}

const startThread = (workerData: CountingWorkerData): Worker =>
  startLowPriorityThread(new URL('./counting.worker.js', import.meta.url), { workerData });
