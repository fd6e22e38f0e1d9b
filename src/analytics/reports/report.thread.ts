import type { Worker } from 'node:worker_threads';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ClicksConfig } from '../../../config/clicks.config.js';
import { startLowPriorityThread } from '../../common/thread-priority.js';
import { ReplicaService } from '../../platform/database/replica.service.js';
import type { ReportOutcome, ReportRequest, ReportWorkerData } from './report.worker.js';
import type { ReportReader } from './report-reader.js';
import type { ReportNumbers, ReportSelection } from './reports.types.js';

interface Waiting {
  resolve(numbers: ReportNumbers): void;
  reject(error: Error): void;
}

/**
 * Reads reports on a thread of lower priority, with connections of its own: what is counted there,
 * up to millions of clicks, never keeps a redirect waiting. It starts with the first report.
 */
@Injectable()
export class ReportThread implements Pick<ReportReader, 'read'>, OnApplicationShutdown {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  constructor(
    private readonly replica: ReplicaService,
    private readonly config: ClicksConfig,
  ) {
    replica.connection.watch((answers) =>
      this.worker?.postMessage({ answers } satisfies ReportRequest),
    );
  }

  async read(selection: ReportSelection): Promise<ReportNumbers> {
    await this.replica.insist();
    this.worker ??= this.start();
    const id = (this.lastId += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker!.postMessage({ id, selection } satisfies ReportRequest);
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.worker?.terminate();
  }

  private start(): Worker {
    const workerData: ReportWorkerData = {
      target: this.replica.connection.target,
      cacheBytes: this.config.reportCacheMegabytes * 2 ** 20,
    };
    const script = new URL('./report.worker.js', import.meta.url);
    const worker = startLowPriorityThread(script, { workerData });
    let crash: Error | undefined;
    worker.on('message', (outcome: ReportOutcome) => this.settle(outcome));
    worker.on('error', (error) => (crash = error));
    worker.on('exit', () => {
      this.worker = undefined;
      const waiting = [...this.waiting.values()];
      this.waiting.clear();
      const error = new Error('the thread that reads reports has ended', { cause: crash });
      for (const each of waiting) each.reject(error);
    });
    worker.unref();
    return worker;
  }

  private settle(outcome: ReportOutcome): void {
    const waiting = this.waiting.get(outcome.id);
    this.waiting.delete(outcome.id);
    if ('numbers' in outcome) waiting?.resolve(outcome.numbers);
    else waiting?.reject(Object.assign(new Error(outcome.error.message), outcome.error));
  }
}
