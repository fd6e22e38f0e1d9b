import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ReportTally } from './report-tally.js';
import type { ReportSelection } from './reports.types.js';

/** Of 50 to 150 bytes each. */
const MOST_SUMS = 500_000;

/** What was counted of settled packs. */
export interface Settled {
  /** Which packs those were. */
  edition: string;
  tally: ReportTally;
}

/**
 * Keeps what was counted of days that are over, for reports that are asked for again: a dashboard
 * does that all day, and only today's clicks are others each time. Those that have not been asked
 * for longest make room.
 */
export class SettledCounts {
  private readonly kept: LRUCache<string, Settled>;

  constructor(mostSums = MOST_SUMS) {
    this.kept = new LRUCache({
      maxSize: mostSums,
      sizeCalculation: ({ tally }) => tally.size + 1,
    });
  }

  /** It holds as long as the edition is the same. */
  of(selection: ReportSelection): Settled | undefined {
    return this.kept.get(keyOf(selection));
  }

  keep(selection: ReportSelection, settled: Settled): void {
    this.kept.set(keyOf(selection), settled);
  }
}

/** All that decides what is counted; not how much of it is shown. */
function keyOf({ scope, range, starts, groupBy, filters }: ReportSelection): string {
  const text = JSON.stringify([scope, range, starts, groupBy, filters]);
  return createHash('sha256').update(text).digest('base64');
}
