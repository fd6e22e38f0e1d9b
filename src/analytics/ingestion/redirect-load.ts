import { performance, type EventLoopUtilization } from 'node:perf_hooks';

const SAMPLE_MS = 50;
/** The weight of a new sample. Single quiet ones mean nothing: at full load there are some, too. */
const RISE = 0.3;
const FALL = 0.05;

/** How busy the thread is that redirects; it measures itself, and the ingester's thread reads. */
export class RedirectLoad {
  private readonly permille: Int32Array;
  private last: EventLoopUtilization | undefined;
  private average = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param memory what `memory` of the other thread's instance is; its own by default */
  constructor(readonly memory = new SharedArrayBuffer(4)) {
    this.permille = new Int32Array(memory);
  }

  /**
   * The part of the last second in which the event loop had work, from 0 to 1. It is quick to rise
   * and slow to fall.
   */
  get current(): number {
    return Atomics.load(this.permille, 0) / 1_000;
  }

  /** Begins to measure the calling thread. */
  start(): void {
    this.last = performance.eventLoopUtilization();
    this.timer = setInterval(() => this.sample(), SAMPLE_MS);
    this.timer.unref();
  }

  /** From now on it counts as idle. */
  stop(): void {
    clearInterval(this.timer);
    Atomics.store(this.permille, 0, 0);
  }

  /** Takes one more sample into account. */
  note(utilization: number): void {
    const change = utilization - this.average;
    this.average += change * (change > 0 ? RISE : FALL);
    Atomics.store(this.permille, 0, Math.round(this.average * 1_000));
  }

  private sample(): void {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.last);
    this.last = now;
    this.note(utilization);
  }
}
