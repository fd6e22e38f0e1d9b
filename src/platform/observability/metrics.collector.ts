import cluster, { type Worker } from 'node:cluster';
import { EventEmitter, once } from 'node:events';
import { AggregatorRegistry } from 'prom-client';
import type { MetricsMessage, Snapshot } from './metrics.messages.js';

const ANSWER_WITHIN_MS = 1_000;

type AskedWorker = Pick<Worker, 'id' | 'send'>;

/**
 * In the supervisor: makes one set of metrics of those of all workers. Counters never go down, as
 * Prometheus expects: of a worker that has ended, or does not answer in time, the last known values
 * count.
 */
export class MetricsCollector {
  private readonly latest = new Map<number, Snapshot>();
  private readonly answers = new EventEmitter().setMaxListeners(0);
  /** The sums of the workers that have ended. */
  private past: Snapshot = [];

  /** @param answerWithinMs a worker that takes longer is not waited for */
  constructor(private readonly answerWithinMs = ANSWER_WITHIN_MS) {}

  /** Serves the workers of this process from now on. */
  listen(): void {
    cluster.on('message', (worker, message: MetricsMessage) => {
      if (message.metrics === 'own') this.note(worker.id, message.snapshot);
      if (message.metrics === 'ask-all') void this.answer(worker, message.id);
    });
    // Unlike `exit`, this comes after the last message.
    cluster.on('disconnect', ({ id }) => this.forget(id));
  }

  /** Takes the metrics of a worker; from then on it is asked for them. */
  note(workerId: number, snapshot: Snapshot): void {
    this.latest.set(workerId, snapshot);
    this.answers.emit(String(workerId));
  }

  /** What the worker has counted stays, what it measured has gone with it. */
  forget(workerId: number): void {
    const counted = this.latest.get(workerId)?.filter(isCounted) ?? [];
    this.latest.delete(workerId);
    const sum = AggregatorRegistry.aggregate([this.past, counted]);
    this.past = sum.getMetricsAsArray() as Snapshot;
  }

  /** The metrics of all workers in the text format of Prometheus. */
  async collect(workers: AskedWorker[]): Promise<string> {
    await Promise.all(workers.filter(({ id }) => this.latest.has(id)).map((one) => this.ask(one)));
    return AggregatorRegistry.aggregate([this.past, ...this.latest.values()]).metrics();
  }

  private async answer(worker: Worker, id: number): Promise<void> {
    const workers = Object.values(cluster.workers ?? {}).filter((other) => other !== undefined);
    const text = await this.collect(workers);
    send(worker, { metrics: 'all', id, text });
  }

  private async ask(worker: AskedWorker): Promise<void> {
    const signal = AbortSignal.timeout(this.answerWithinMs);
    const answered = once(this.answers, String(worker.id), { signal });
    send(worker, { metrics: 'ask' });
    await answered.catch(() => undefined);
  }
}

/** To one that is just ending, nothing can be sent; that is no error. */
function send(worker: AskedWorker, message: MetricsMessage): void {
  worker.send(message, () => undefined);
}

const isCounted = ({ type }: Snapshot[number]): boolean =>
  ['counter', 'histogram'].includes(String(type));
