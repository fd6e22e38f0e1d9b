import { Worker } from 'node:worker_threads';
import { startLowPriorityThread } from '../../common/thread-priority.js';
import type { DatabaseConnection } from '../../database/connection.js';
import type { IngesterWorkerData } from './ingester.worker.js';

const TIDY_UP_MS = 60 * 60 * 1000;
/** The embedded database does one thing at a time: small transactions let lookups in between. */
const EMBEDDED = { lanes: 1, maxTransactionBytes: 256 * 1024, maxBatchBytes: 256 * 1024 };
const EXTERNAL = {
  lanes: 2,
  maxTransactionBytes: 4 * 1024 * 1024,
  maxBatchBytes: 16 * 1024 * 1024,
};
/** With little of the core a batch takes long, and only between two can the thread be replaced. */
const AT_LOW_PRIORITY = {
  maxTransactionBytes: 2 * 1024 * 1024,
  maxBatchBytes: 4 * 1024 * 1024,
};

/** What the thread of an ingester does not know by itself. */
export type IngesterSettings = Omit<
  IngesterWorkerData,
  'target' | 'tidyUpMs' | 'atLowPriority' | keyof typeof EXTERNAL
>;

/** Begins a thread that ingests, and suits where the clicks go and how much of the core it gets. */
export function launchIngester(
  { target, embedded }: Pick<DatabaseConnection, 'target' | 'embedded'>,
  settings: IngesterSettings,
  isLowPriority: boolean,
): Worker {
  const atLowPriority = embedded ? EMBEDDED : AT_LOW_PRIORITY;
  const workerData: IngesterWorkerData = {
    ...settings,
    ...(embedded ? EMBEDDED : EXTERNAL),
    ...(isLowPriority ? atLowPriority : undefined),
    atLowPriority,
    target,
    tidyUpMs: TIDY_UP_MS,
  };
  const script = new URL('./ingester.worker.js', import.meta.url);
  return isLowPriority
    ? startLowPriorityThread(script, { workerData })
    : new Worker(script, { workerData });
}
