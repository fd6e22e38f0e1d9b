import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ReportTally } from './report-tally.js';
import type { ReportSelection } from './reports.types.js';

/** Some packs, and what was counted of them. Others that are counted are added. */
export interface CountedPacks {
  ids: Set<string>;
  tally: ReportTally;
}

/**
 * By groups of packs that go at once: those of a level, of days with rollups or without. When
 * sixteen of a level become one of the next, those of other levels need not be counted anew.
 */
export type CountedGroups = Map<number, CountedPacks>;

/** Their memory is for others then. */
export function release(groups: CountedGroups): void {
  for (const { tally } of groups.values()) tally.release();
}

/**
 * Keeps what was counted, for reports that are asked for again: a dashboard does that all day, and
 * only a few clicks have come since. Those that have not been asked for longest make room.
 */
export class KeptCounts {
  private readonly kept: LRUCache<string, CountedGroups> | undefined;

  /** @param mostSums how many sums are kept at most; nothing is, if 0 */
  constructor(private readonly mostSums: number) {
    if (mostSums === 0) return;
    this.kept = new LRUCache({
      maxSize: mostSums,
      sizeCalculation: sizeOf,
      dispose: (groups, _, reason) => {
        if (reason !== 'delete') release(groups);
      },
    });
  }

  /**
   * Takes it out, so that nobody else adds to it: another report of the same selection at the same time
   * counts on its own.
   * @param links the numbers of those that count, if not all do
   */
  take(selection: ReportSelection, links: Uint32Array | undefined): CountedGroups | undefined {
    if (!this.kept) return undefined;
    const key = keyOf(selection, links);
    const groups = this.kept.get(key);
    this.kept.delete(key);
    return groups;
  }

  /** Nobody else may use it from now on. */
  keep(selection: ReportSelection, links: Uint32Array | undefined, groups: CountedGroups): void {
    if (this.kept && sizeOf(groups) <= this.mostSums)
      this.kept.set(keyOf(selection, links), groups);
    else release(groups);
  }
}

function sizeOf(groups: CountedGroups): number {
  let size = 1;
  for (const { ids, tally } of groups.values()) size += ids.size + tally.size;
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
