/** Times as long as the thread was at work for the commit before, at little and at full pressure. */
const [LEAST_REST, MOST_REST] = [2, 10];
/** Visitors do not notice so much. */
const MAX_REST_MS = 20;

/** Both in milliseconds, of clocks that are never set back. */
export interface ThreadClock {
  now(): number;
  /** How long the event loop of the thread had something to do. */
  active(): number;
}

const thisThread: ThreadClock = {
  now: () => performance.now(),
  active: () => performance.eventLoopUtilization().active,
};

/**
 * Leaves time between commits while the ingester needs it. Redirects that never rest make clicks
 * faster than what shares their core can ingest them; so they rest, in proportion to their work,
 * and the clicks of the meantime share a commit.
 */
export class CommitSpacing {
  private activeBefore: number | undefined;
  private restsUntil: number | undefined;

  /** @param pressure how much the ingester needs time: from 0, not at all, to 1 */
  constructor(
    private readonly pressure: () => number,
    private readonly clock = thisThread,
  ) {}

  /** How long the next commit has to wait, in milliseconds; mostly 0. */
  get waitMs(): number {
    return this.restsUntil === undefined ? 0 : Math.max(0, this.restsUntil - this.clock.now());
  }

  /** Has the next commit begin in this turn of the event loop, or when it may. */
  schedule(commit: () => void): void {
    const { waitMs } = this;
    if (waitMs > 0) setTimeout(commit, waitMs);
    else setImmediate(commit);
  }

  /** The clicks of a commit are all answered. */
  noteEnd(): void {
    const pressure = this.pressure();
    if (pressure === 0) {
      this.activeBefore = undefined;
      this.restsUntil = undefined;
      return;
    }
    const active = this.clock.active();
    const worked = active - (this.activeBefore ?? active);
    this.activeBefore = active;
    const rest = worked * (LEAST_REST + (MOST_REST - LEAST_REST) * pressure);
    this.restsUntil = this.clock.now() + Math.min(MAX_REST_MS, rest);
  }
}
