/** With durability disk the event loop is at its limit at some two thirds: it waits for the disk. */
const BUSY = 0.6;

/**
 * Lets redirects go first: while they keep their thread busy, clicks wait in the spool, up to a
 * bounded lag. A low thread priority would not do: without privileges a thread cannot raise it
 * again, and would never catch up with redirects that do not pause.
 */
export class IngestionPacer {
  /**
   * @param load how busy the redirects are now, from 0 to 1
   * @param maxLagMs clicks that have waited that long are ingested whatever the load
   */
  constructor(
    private readonly load: () => number,
    private readonly maxLagMs: number,
  ) {}

  /** Whether the next batch may be worked on. @param lagMs age of the oldest waiting click */
  mayIngest(lagMs: number): boolean {
    return this.load() <= BUSY || lagMs >= this.maxLagMs;
  }
}
