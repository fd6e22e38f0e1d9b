import type { Worker } from 'node:worker_threads';

/** Hands a task to a thread that does one at a time. Rejects if the thread ends instead of answering. */
export function askThread<Outcome>(worker: Worker, task: unknown): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error('the thread has ended'));
    worker.once('error', reject);
    worker.once('exit', fail);
    worker.once('message', (outcome: Outcome) => {
      worker.off('error', reject);
      worker.off('exit', fail);
      resolve(outcome);
    });
    worker.postMessage(task);
  });
}
