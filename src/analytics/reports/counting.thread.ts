import type { Worker } from 'node:worker_threads';
import { askThread } from '../../common/ask-thread.js';
import { startLowPriorityThread } from '../../common/thread-priority.js';
import type { CountingTask } from './counting.worker.js';
import type { GroupCounters, PortableCounts } from './group-counters.js';
import type { PackRow } from './stored-pack.js';

/** To share the counting of fewer takes about as long as it saves. */
const FEWEST_CLICKS = 2_000_000;

/** What is counted elsewhere, and what is left to be counted here. */
interface Shared {
  left: PackRow[];
  counted: Promise<void>;
}

/**
 * A second thread that counts packs. It starts when there is enough to count for the first time, and
 * helps from then on.
 */
export class CountingThread {
  private worker: Worker | undefined;
  private isFree = false;

  constructor(
    private readonly launch = startThread,
    private readonly fewestClicks = FEWEST_CLICKS,
  ) {}

  /**
   * Counts about half of the packs, if it is free and there is enough to count.
   * @param counters what it has counted is added to
   */
  share(task: Omit<CountingTask, 'packs'>, packs: PackRow[], counters: GroupCounters): Shared {
    const clicks = sum(packs);
    if (clicks >= this.fewestClicks) this.worker ??= this.start();
    if (clicks < this.fewestClicks || !this.isFree)
      return { left: packs, counted: Promise.resolve() };
    let few = 0;
    const half = packs.findIndex((pack) => (few += pack.clicks) >= clicks / 2) + 1;
    const counted = this.count({ ...task, packs: packs.slice(0, half) }, counters);
    return { left: packs.slice(half), counted };
  }

  private async count(task: CountingTask, counters: GroupCounters): Promise<void> {
    this.isFree = false;
    const counts = await askThread<PortableCounts>(this.worker!, task).catch(() => undefined);
    if (counts) {
      counters.addAll(counts);
      this.isFree = true;
    } else {
      // The thread has ended: who asks next starts another one.
      for (const pack of task.packs) counters.add(pack);
    }
  }

  private start(): Worker {
    const worker = this.launch();
    worker.unref();
    worker.once('message', () => (this.isFree = true));
    // What it was asked for is counted here then.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      this.worker = undefined;
      this.isFree = false;
    });
    return worker;
  }
}

const startThread = (): Worker =>
  startLowPriorityThread(new URL('./counting.worker.js', import.meta.url));

const sum = (packs: PackRow[]): number => packs.reduce((clicks, pack) => clicks + pack.clicks, 0);
