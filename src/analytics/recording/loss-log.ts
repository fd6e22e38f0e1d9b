import type { Logger } from '@nestjs/common';

/** A failing disk is told of once per interval, not once per click. */
const LOG_INTERVAL_MS = 10_000;

/** Tells how many clicks were lost, and why, as often as is of use. */
export class LossLog {
  private lost = 0;
  private reason = '';
  private reportedAt = -Infinity;

  constructor(private readonly logger: Logger) {}

  /** @param now Unix milliseconds */
  add(clicks: number, reason: string, now: number): void {
    this.lost += clicks;
    this.reason = reason;
    this.report(now);
  }

  report(now: number): void {
    if (this.lost === 0 || now - this.reportedAt < LOG_INTERVAL_MS) return;
    this.logger.error(`${this.lost} clicks were lost: ${this.reason}`);
    this.lost = 0;
    this.reportedAt = now;
  }
}

/** Tells what fails, as often as is of use. */
export class FaultLog {
  private reportedAt = -Infinity;

  constructor(private readonly logger: Logger) {}

  /** @param now Unix milliseconds */
  report(what: string, now: number): void {
    if (now - this.reportedAt < LOG_INTERVAL_MS) return;
    this.logger.error(what);
    this.reportedAt = now;
  }
}
