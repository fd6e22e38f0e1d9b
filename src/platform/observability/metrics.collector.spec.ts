import { describe, expect, it } from '@jest/globals';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { MetricsCollector } from './metrics.collector.js';

/** A worker that answers at once, with metrics as the service has them. */
class FakeWorker {
  isSilent = false;
  readonly registry = new Registry();
  readonly clicks = new Counter({
    name: 'clicks',
    help: 'Clicks.',
    labelNames: ['kind'],
    registers: [this.registry],
  });
  readonly seconds = new Histogram({
    name: 'seconds',
    help: 'Time.',
    buckets: [1, 2],
    registers: [this.registry],
  });
  readonly links = new Gauge({ name: 'links', help: 'Links.', registers: [this.registry] });
  readonly age = new Gauge({
    name: 'age',
    help: 'Age.',
    aggregator: 'max',
    registers: [this.registry],
  });

  constructor(
    readonly id: number,
    private readonly collector: MetricsCollector,
  ) {
    collector.note(id, []);
  }

  send(): boolean {
    if (!this.isSilent) void this.answer();
    return true;
  }

  async answer(): Promise<void> {
    const snapshot = await this.registry.getMetricsAsJSON();
    // As between processes.
    this.collector.note(this.id, JSON.parse(JSON.stringify(snapshot)) as typeof snapshot);
  }
}

function setUp() {
  const collector = new MetricsCollector(20);
  const workers = [new FakeWorker(1, collector), new FakeWorker(2, collector)] as const;
  workers.forEach((worker, index) => {
    worker.clicks.inc({ kind: 'human' }, 10 * (index + 1));
    worker.seconds.observe(index + 0.5);
    worker.links.set(5);
    worker.age.set(index + 3);
  });
  const lines = async (living: readonly FakeWorker[] = workers) =>
    (await collector.collect([...living] as never)).split('\n').filter((l) => /^[^#]/.test(l));
  return { collector, workers, lines };
}

describe(MetricsCollector.name, () => {
  it('sums what is counted, and gauges as each of them says', async () => {
    const { workers, lines } = setUp();
    workers[1].clicks.inc({ kind: 'bot' });
    expect(await lines()).toEqual([
      'clicks{kind="human"} 30',
      'clicks{kind="bot"} 1',
      'seconds_bucket{le="1"} 1',
      'seconds_bucket{le="2"} 2',
      'seconds_bucket{le="+Inf"} 2',
      'seconds_sum 2',
      'seconds_count 2',
      'links 10',
      'age 4',
    ]);
  });

  it('does not wait for a worker that is silent, and takes what it said last', async () => {
    const { workers, lines } = setUp();
    await lines();
    workers.forEach(({ clicks }) => clicks.inc({ kind: 'human' }));
    workers[0].isSilent = true;
    expect(await lines()).toContain('clicks{kind="human"} 31');
  });

  it('never counts down: what ended workers have counted stays, their gauges go', async () => {
    const { collector, workers, lines } = setUp();
    await workers[0].answer();
    collector.forget(1);
    const after = await lines([workers[1]]);
    expect(after).toEqual(expect.arrayContaining(['clicks{kind="human"} 30', 'seconds_count 2']));
    expect(after).toEqual(expect.arrayContaining(['links 5', 'age 4']));
    await workers[1].answer();
    collector.forget(2);
    expect(await lines([])).toEqual(expect.arrayContaining(['clicks{kind="human"} 30']));
  });

  it('does not ask one that is not far enough to answer', async () => {
    const { collector, workers, lines } = setUp();
    const starting = { id: 3, send: () => Promise.reject(new Error('it was asked')) };
    expect(await lines([...workers, starting as never])).toContain('links 10');
    expect(await collector.collect([])).toContain('links 10');
  });
});
