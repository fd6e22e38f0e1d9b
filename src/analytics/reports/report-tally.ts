import { NO_CLICKS } from './breakdown.js';
import type { Counts, Group } from './reports.types.js';

/** What a report adds up. */
export class ReportTally {
  /** By the index of the start of the bucket; a bucket without clicks has no entry. */
  readonly series = new Map<number, Counts>();
  private readonly groups = new Map<Group, Map<string, Counts>>();

  addTotal(bucket: number, counts: Counts): void {
    add(sumOf(this.series, bucket), counts);
  }

  addValue(group: Group, value: string, counts: Counts): void {
    add(this.sumOfValue(group, value), counts);
  }

  /** The sum of a value, to be added to. */
  sumOfValue(group: Group, value: string): Counts {
    let values = this.groups.get(group);
    if (!values) this.groups.set(group, (values = new Map()));
    return sumOf(values, value);
  }

  /** Counts tags from the links that have been counted. */
  addTags(tagsOfLinks: ReadonlyMap<string, string[]>): void {
    for (const [link, tags] of tagsOfLinks) {
      for (const tag of tags) this.addValue('tag', tag, this.countsOf('link', link));
    }
  }

  countsOf(group: Group, value: string): Counts {
    return this.groups.get(group)?.get(value) ?? NO_CLICKS;
  }

  /** The values of a group that have clicks, most clicks first, up to so many. */
  valuesOf(group: Group, limit = Infinity): [value: string, counts: Counts][] {
    const values = [...(this.groups.get(group) ?? [])].filter(([, { clicks }]) => clicks > 0);
    const least = leastOf(values, limit);
    return values
      .filter(([, { clicks }]) => clicks >= least)
      .toSorted(([a, { clicks: ofA }], [b, { clicks: ofB }]) => ofB - ofA || (a < b ? -1 : 1))
      .slice(0, limit);
  }
}

function sumOf<K>(sums: Map<K, Counts>, key: K): Counts {
  let sum = sums.get(key);
  if (!sum) sums.set(key, (sum = { ...NO_CLICKS }));
  return sum;
}

function add(sum: Counts, counts: Counts): void {
  sum.clicks += counts.clicks;
  sum.humans += counts.humans;
  sum.bots += counts.bots;
  sum.visitors += counts.visitors;
}

/** How many clicks the values have at least that are within the limit: numbers are quick to sort. */
function leastOf(values: [string, Counts][], limit: number): number {
  if (values.length <= limit) return 0;
  const clicks = Float64Array.from(values, ([, counts]) => counts.clicks).toSorted();
  return clicks[clicks.length - limit]!;
}
