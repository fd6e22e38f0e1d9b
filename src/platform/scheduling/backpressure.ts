import { Injectable } from '@nestjs/common';
import { LoadSensor } from './load-sensor.js';

/** The part of the bound from which on those who make the work rest. */
const PRESSURE_AT = 2 / 3;
/** Work may wait that long, however small the bound is. */
const LEAST_PRESSURE_MS = 3_000;
/** Times the bound: work that old was held up by an outage, and not by those who make it. */
const OUTAGE_AT = 3;
/** Work waits for seconds without any trouble, however small the bound is. */
const LEAST_OUTAGE_MS = 15_000;
/**
 * How many times as old it may get before they rest for it as well: what came in a burst takes more time to
 * work off than it took to come.
 */
const OUTAGE_GROWTH = 3;
/** Times as long as the thread was at work since the last pause, at little and at full pressure. */
const [LEAST_REST, MOST_REST] = [2, 10];
/** Visitors do not notice so much. */
const MAX_REST_MS = 20;

/** How deferred work fares. */
export interface Backlog {
  /** Age of the oldest that waits. */
  lagMs: number;
  /** No work shall wait longer than that because of those who make it. */
  maxLagMs: number;
  /** Whether it waits for something else, such as a database that is away. */
  isFailing: boolean;
}

/**
 * Has those who make work for later (redirects make clicks) rest while it gets too old: on one core they
 * take all the time that working it off would need. They rest in proportion to what they do, and what
 * comes meanwhile is done together.
 */
@Injectable()
export class Backpressure {
  /** How much time must be left: from 0, none, to 1, which is at the bound. */
  pressure = 0;
  /** The least age of what an outage has left, since it has ended. */
  private leastMs = Infinity;
  private activeBefore: number | undefined;
  private restsUntil: number | undefined;

  constructor(private readonly sensor: LoadSensor) {}

  note({ lagMs, maxLagMs, isFailing }: Backlog): void {
    const outageMs = Math.max(maxLagMs * OUTAGE_AT, LEAST_OUTAGE_MS);
    this.leastMs = lagMs > outageMs && !isFailing ? Math.min(this.leastMs, lagMs) : Infinity;
    // Such a backlog is worked off with what is left, unless that is too little for long.
    const isOutage = lagMs > outageMs && lagMs <= this.leastMs * OUTAGE_GROWTH;
    const begin = Math.max(maxLagMs * PRESSURE_AT, LEAST_PRESSURE_MS);
    const isLate = lagMs > begin && !isOutage && !isFailing;
    this.pressure = isLate ? Math.min(1, (lagMs - begin) / (begin / PRESSURE_AT - begin)) : 0;
  }

  /** How long to rest from now on, in milliseconds; mostly 0. */
  get restMs(): number {
    return this.restsUntil === undefined ? 0 : Math.max(0, this.restsUntil - performance.now());
  }

  /** Begins work in this turn of the event loop, or after the rest. */
  schedule(begin: () => void): void {
    const { restMs } = this;
    if (restMs > 0) setTimeout(begin, restMs);
    else setImmediate(begin);
  }

  /** The work is done. */
  noteEnd(): void {
    if (this.pressure === 0) {
      this.activeBefore = undefined;
      this.restsUntil = undefined;
      return;
    }
    const active = this.sensor.activeMs;
    const worked = active - (this.activeBefore ?? active);
    this.activeBefore = active;
    const rest = worked * (LEAST_REST + (MOST_REST - LEAST_REST) * this.pressure);
    this.restsUntil = performance.now() + Math.min(MAX_REST_MS, rest);
  }
}
