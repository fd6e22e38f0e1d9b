import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { basename } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Only Linux has priorities of threads. A thread that was lowered cannot be raised again. */
export const canLowerThreadPriority = process.platform === 'linux';

/** The calling thread as Linux counts them; elsewhere this throws. */
export const threadId = (): number => Number(basename(readlinkSync('/proc/thread-self')));

/**
 * Lets the threads that serve requests go before the calling thread where they want the same core.
 * Where there are no such priorities, and where it is forbidden, nothing changes.
 */
export function lowerThreadPriority(): void {
  if (!canLowerThreadPriority) return;
  try {
    setPriority(threadId(), constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Slower for the others, but right.
  }
}

/** Runs the script in a thread that has a low priority before the first line of it is loaded. */
export function startLowPriorityThread(script: URL, options: WorkerOptions = {}): Worker {
  const first = new URL('./low-priority.worker.js', import.meta.url);
  return new Worker(first, { ...options, argv: [script.href] });
}
