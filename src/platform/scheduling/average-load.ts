/** The weight of a new sample. Single quiet ones mean nothing: at full load there are some, too. */
const RISE = 0.3;
const FALL = 0.05;
/** With durability disk the event loop is at its limit at some two thirds: it waits for the disk. */
const BUSY = 0.6;
/**
 * The part of the bound after which work goes on in spite of the load: redirects that have a core for
 * themselves make clicks up to twice as fast as the two of them then work off what has piled up.
 */
const BEGIN_AT = 1 / 3;

/**
 * How busy the thread was that serves requests, over the last second or so. The threads of deferred
 * work read it, by shared memory, and wait while it is busy. Their low priority alone would not do:
 * PostgreSQL works for them at the normal one.
 */
export class AverageLoad {
  private readonly permille: Int32Array;
  private average = 0;

  /** @param memory that of the instance in the thread which is measured; its own there */
  constructor(readonly memory = new SharedArrayBuffer(4)) {
    this.permille = new Int32Array(memory);
  }

  /** From 0 to 1. It is quick to rise and slow to fall. */
  get current(): number {
    return Atomics.load(this.permille, 0) / 1_000;
  }

  /** Takes one more sample into account. */
  note(utilization: number): void {
    const change = utilization - this.average;
    this.average += change * (change > 0 ? RISE : FALL);
    Atomics.store(this.permille, 0, Math.round(this.average * 1_000));
  }

  /** Counts as idle, until there is another sample. */
  reset(): void {
    this.average = 0;
    Atomics.store(this.permille, 0, 0);
  }

  /**
   * Whether deferred work may go on beside this load.
   * @param lagMs age of the oldest that waits
   * @param maxLagMs how old it may get
   */
  allows(lagMs: number, maxLagMs: number): boolean {
    return this.current <= BUSY || lagMs >= maxLagMs * BEGIN_AT;
  }
}
