import type { Worker } from 'node:worker_threads';
import { Injectable } from '@nestjs/common';
import { startLowPriorityThread } from '../common/thread-priority.js';
import type { HashingOutcome, HashingTask } from './hashing.worker.js';

/** The part of bcrypt that is used; tests give bcrypt itself. */
export interface Bcrypt {
  hash(password: string, cost: number): Promise<string>;
  compare(password: string, hash: string): Promise<boolean>;
}

/**
 * bcrypt on threads of a lower priority. On libuv's threads, where it runs by itself, it would take
 * the core away from redirects (a hash takes a fifth of a second), and files and names would wait
 * behind it. There are as many threads as there were hashes at once; they stay, asleep.
 */
@Injectable()
export class HashingThreads implements Bcrypt {
  private readonly idle: Worker[] = [];

  async hash(password: string, cost: number): Promise<string> {
    return (await this.run({ password, cost })) as string;
  }

  async compare(password: string, hash: string): Promise<boolean> {
    return (await this.run({ password, hash })) as boolean;
  }

  private async run(task: HashingTask): Promise<string | boolean> {
    const worker = this.idle.pop() ?? create();
    const outcome = await ask(worker, task);
    this.idle.push(worker);
    if ('error' in outcome) throw new Error(outcome.error);
    return outcome.result;
  }
}

function create(): Worker {
  const worker = startLowPriorityThread(new URL('./hashing.worker.js', import.meta.url));
  worker.unref();
  return worker;
}

/** Rejects if the thread ends instead of answering. */
function ask(worker: Worker, task: HashingTask): Promise<HashingOutcome> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error('the thread that hashes passwords has ended'));
    worker.once('error', reject);
    worker.once('exit', fail);
    worker.once('message', (outcome: HashingOutcome) => {
      worker.off('error', reject);
      worker.off('exit', fail);
      resolve(outcome);
    });
    worker.postMessage(task);
  });
}
