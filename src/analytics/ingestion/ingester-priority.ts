import { canLowerThreadPriority } from '../../common/thread-priority.js';
import { BUSY } from './ingestion-pacer.js';

/** How long redirects must have been quiet, and how long the low priority stays at least. */
const SETTLE_MS = 10_000;
/** The part of the bound: the pacer begins at a third, and until then the thread is not at work. */
const BEHIND_AT = 1 / 4;
/** The part of the bound at which a normal priority has shown not to be enough. */
const PRESSURE_AT = 2 / 3;
/** Clicks may wait that long, however small the bound is. */
const LEAST_PRESSURE_MS = 3_000;
/** Times the bound: clicks that old were held up by an outage, and not by redirects. */
const OUTAGE_AT = 3;
/**
 * How many times as old they may get while redirects go first: clicks of a burst are ingested in more
 * time than they came in.
 */
const OUTAGE_GROWTH = 3;
/** Segments wait for seconds without any trouble, however small the bound is. */
const LEAST_OUTAGE_MS = 15_000;

/** How things are beside the ingester. */
export interface Circumstances {
  /** How busy the redirects are, from 0 to 1. */
  load: number;
  /** Whether clicks wait for the database, or for an ingester that works. */
  isFailing: boolean;
}

/**
 * Decides at which priority the ingester's thread runs: at a low one, which spares redirects most,
 * unless they keep the core so busy that clicks would then wait beyond the bound.
 */
export class IngesterPriority {
  private low: boolean;
  private busyAt = -Infinity;
  private lowSince = -Infinity;
  /** The least age of what an outage has left, since it has ended. */
  private leastMs = Infinity;
  private readonly outageMs: number;

  /**
   * @param maxLagMs no click shall wait longer than that because of redirects
   * @param canBeLow where there is no low priority, it is always the normal one
   */
  constructor(
    private readonly maxLagMs: number,
    private readonly canBeLow = canLowerThreadPriority,
  ) {
    this.low = canBeLow;
    this.outageMs = Math.max(maxLagMs * OUTAGE_AT, LEAST_OUTAGE_MS);
  }

  /** Whether the thread should have the low priority now. */
  get isLow(): boolean {
    return this.low;
  }

  /**
   * How much redirects must leave time, because clicks come faster than they are ingested beside
   * them: from 0 to 1, which is at the bound.
   * @param lagMs age of the oldest waiting click
   */
  pressure(lagMs: number): number {
    const begin = Math.max(this.maxLagMs * PRESSURE_AT, LEAST_PRESSURE_MS);
    if (lagMs <= begin || this.isOutage(lagMs)) return 0;
    return Math.min(1, (lagMs - begin) / (begin / PRESSURE_AT - begin));
  }

  /**
   * Takes note of how things are.
   * @param lagMs age of the oldest waiting click
   * @param now milliseconds of a clock that is never set back
   */
  note({ load, isFailing }: Circumstances, lagMs: number, now: number): void {
    const isLeft = lagMs > this.outageMs && !isFailing;
    this.leastMs = isLeft ? Math.min(this.leastMs, lagMs) : Infinity;
    if (load > BUSY) this.busyAt = now;
    if (!this.canBeLow) return;
    if (!this.low) {
      this.low = now - this.busyAt >= SETTLE_MS || this.isOutage(lagMs);
      if (this.low) this.lowSince = now;
    } else if (now - this.lowSince >= SETTLE_MS) {
      this.low = load <= BUSY || lagMs < this.maxLagMs * BEHIND_AT || this.isOutage(lagMs);
    }
  }

  /** Such a backlog is worked off with what redirects leave, unless that is too little for long. */
  private isOutage(lagMs: number): boolean {
    return lagMs > this.outageMs && lagMs <= this.leastMs * OUTAGE_GROWTH;
  }
}
