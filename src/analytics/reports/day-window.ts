import { DAY_MS, QUARTER_MS } from '../analytics.types.js';
import type { TimeRange } from './reports.types.js';

/** Of a day. */
export const QUARTERS = DAY_MS / QUARTER_MS;

/** How much of a day is within stretches of time. */
export class DayWindow {
  /** For each quarter of an hour 1 or 0. */
  readonly has = new Uint8Array(QUARTERS);

  /**
   * @param stretches of whole quarters of an hour
   * @param day its start; Unix milliseconds
   */
  constructor(stretches: TimeRange[], day: number) {
    for (const { from, to } of stretches) {
      if (to <= day || from >= day + DAY_MS) continue;
      this.has.fill(1, Math.max(0, (from - day) / QUARTER_MS), (to - day) / QUARTER_MS);
    }
  }

  get isEmpty(): boolean {
    return !this.has.includes(1);
  }

  get isWhole(): boolean {
    return !this.has.includes(0);
  }
}
