/** So many queries a second in the long run, and a burst of those that were saved up. */
export class QueryBudget {
  private readonly interval: number;
  /** Until when the budget has been spent; what has passed since is saved up. */
  private spentUntil = -Infinity;

  /** @param now milliseconds, never going back */
  constructor(
    perSecond: number,
    private readonly burst: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.interval = 1_000 / perSecond;
  }

  /** Takes one query if there is one; else tells after how many milliseconds there will be. */
  take(): number {
    const now = this.now();
    const spentUntil = Math.max(this.spentUntil, now - this.burst * this.interval);
    const wait = spentUntil + this.interval - now;
    if (wait > 0) return wait;
    this.spentUntil = spentUntil + this.interval;
    return 0;
  }
}
