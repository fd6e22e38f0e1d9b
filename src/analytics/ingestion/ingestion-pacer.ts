/** With durability disk the event loop is at its limit at some two thirds: it waits for the disk. */
export const BUSY = 0.6;
/**
 * The part of the bound at which ingestion begins: redirects that have a core for themselves make
 * clicks up to twice as fast as the two of them then work off what has piled up.
 */
const BEGIN_AT = 1 / 3;

/**
 * Lets redirects go first: while they keep their thread busy, clicks wait in the spool, up to a
 * bounded lag. The low priority of the ingester's thread alone would not do: PostgreSQL works for it
 * at the normal one.
 */
export class IngestionPacer {
  /**
   * @param load how busy the redirects are now, from 0 to 1
   * @param maxLagMs no click shall wait longer than that, whatever the load
   */
  constructor(
    private readonly load: () => number,
    private readonly maxLagMs: number,
  ) {}

  /** Whether the next batch may be worked on. @param lagMs age of the oldest waiting click */
  mayIngest(lagMs: number): boolean {
    return this.load() <= BUSY || lagMs >= this.maxLagMs * BEGIN_AT;
  }
}
