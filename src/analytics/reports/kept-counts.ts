import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ReportTally } from './report-tally.js';
import type { ReportSelection } from './reports.types.js';

/** Some packs, and what was counted of them. Neither changes: others take their place. */
export interface CountedPacks {
  ids: ReadonlySet<string>;
  tally: ReportTally;
}

/**
 * By groups of packs that go at once: those of a level, of days with rollups or without. When
 * sixteen of a level become one of the next, those of other levels need not be counted anew.
 */
export type CountedGroups = ReadonlyMap<number, CountedPacks>;

/**
 * Keeps what was counted, for reports that are asked for again: a dashboard does that all day, and
 * only a few clicks have come since. Those that have not been asked for longest make room.
 */
export class KeptCounts {
  private readonly kept: LRUCache<string, CountedGroups> | undefined;

  /** @param mostSums how many sums are kept at most; nothing is, if 0 */
  constructor(mostSums: number) {
    if (mostSums === 0) return;
    this.kept = new LRUCache({ maxSize: mostSums, sizeCalculation: sizeOf });
  }

  /** @param links the numbers of those that count, if not all do */
  of(selection: ReportSelection, links: Uint32Array | undefined): CountedGroups | undefined {
    return this.kept?.get(keyOf(selection, links));
  }

  keep(selection: ReportSelection, links: Uint32Array | undefined, counted: CountedGroups): void {
    this.kept?.set(keyOf(selection, links), counted);
  }
}

function sizeOf(counted: CountedGroups): number {
  let size = 1;
  for (const { ids, tally } of counted.values()) size += ids.size + tally.size;
  return size;
}

/** All that decides what is counted; not how much of it is shown. */
function keyOf(
  { scope, range, starts, groupBy, filters }: ReportSelection,
  links: Uint32Array | undefined,
): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([scope, range, starts, groupBy, filters]));
  if (links) hash.update(links);
  return hash.digest('base64');
}
