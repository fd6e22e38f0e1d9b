import { EventEmitter, once } from 'node:events';
import type { Registry } from 'prom-client';
import type { MetricsMessage } from './metrics.messages.js';

/** Longer than the collector waits for its workers. */
const ANSWER_WITHIN_MS = 3_000;

/** In a worker: gives its metrics to the supervisor's collector, and gets those of all workers. */
export class MetricsExchange {
  private readonly answers = new EventEmitter().setMaxListeners(0);
  private asked = 0;

  constructor(private readonly registry: Pick<Registry, 'getMetricsAsJSON'>) {
    process.on('message', (message: MetricsMessage) => {
      if (message.metrics === 'ask') void this.handOver();
      if (message.metrics === 'all') this.answers.emit(String(message.id), message.text);
    });
    // From now on it can be asked.
    void send({ metrics: 'own', snapshot: [] });
  }

  /** The metrics of all workers as text; rejects if the supervisor does not answer in time. */
  async all(): Promise<string> {
    const id = (this.asked += 1);
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const answered = once(this.answers, String(id), { signal });
    await send({ metrics: 'ask-all', id });
    const [text] = (await answered) as [string];
    return text;
  }

  /** Resolves when they are out of this process, which may then end. */
  async handOver(): Promise<void> {
    await send({ metrics: 'own', snapshot: await this.registry.getMetricsAsJSON() });
  }
}

/** Without a supervisor any more there is nobody to tell: this process is about to end. */
const send = (message: MetricsMessage): Promise<void> =>
  new Promise((done) => {
    process.send!(message, undefined, undefined, () => done());
  });
