/** Less than that may as well be new. */
const FEWEST_SUMS = 10_000;
const MOST_FREE = 4;

/**
 * Memory of sums that are no longer needed, to be used again: megabytes of it anew for every report
 * would have the whole heap collected.
 */
export class SumsMemory {
  private readonly free: Float64Array[] = [];

  /**
   * @param length how many there will be at least
   * @returns zeros
   */
  take(length: number): Float64Array {
    const index = length < FEWEST_SUMS ? -1 : this.free.findIndex((sums) => sums.length >= length);
    return index < 0 ? new Float64Array(length) : this.free.splice(index, 1)[0]!.fill(0);
  }

  /** The largest stay. */
  give(sums: Float64Array): void {
    if (sums.length < FEWEST_SUMS) return;
    this.free.push(sums);
    this.free.sort((a, b) => a.length - b.length);
    if (this.free.length > MOST_FREE) this.free.shift();
  }
}
