import type { Dimension } from '../analytics.types.js';
import { FOLDED } from '../rare-values.js';
import { NO_CLICKS } from './breakdown.js';
import { type LinkSums, LinkTally } from './link-tally.js';
import type { Counts, LinkCounts } from './reports.types.js';

/**
 * Values of a dimension that have sums of their own; those that come after so many share one. Values
 * come from years of days, each with as many as packs keep.
 */
export const MOST_SUMS_OF_VALUES = 20_000;

/** What was added up, as it can be handed to another thread. */
export interface TallySums {
  series: ReadonlyMap<number, Counts>;
  links: LinkSums;
  linksById: ReadonlyMap<string, Counts>;
  dimensions: ReadonlyMap<Dimension, ReadonlyMap<string, Counts>>;
}

/** What a report adds up. */
export class ReportTally implements TallySums {
  /** By the index of the start of the bucket; a bucket without clicks has no entry. */
  readonly series = new Map<number, Counts>();
  readonly links = new LinkTally();
  /** Of a report on some links, by their ids. */
  readonly linksById = new Map<string, Counts>();
  readonly dimensions = new Map<Dimension, Map<string, Counts>>();

  addTotal(bucket: number, counts: Counts): void {
    add(sumOf(this.series, bucket), counts);
  }

  addValue(dimension: Dimension, value: string, counts: Counts): void {
    add(this.sumOfValue(dimension, value), counts);
  }

  addLink(linkId: string, counts: Counts): void {
    add(sumOf(this.linksById, linkId), counts);
  }

  /** What can be handed to another thread. */
  get portable(): TallySums {
    const { series, linksById, dimensions } = this;
    const { pages, sums } = this.links;
    return { series, links: { pages, sums }, linksById, dimensions };
  }

  addAll(other: TallySums): void {
    for (const [bucket, counts] of other.series) this.addTotal(bucket, counts);
    this.links.addAll(other.links);
    for (const [linkId, counts] of other.linksById) this.addLink(linkId, counts);
    for (const [dimension, values] of other.dimensions) {
      for (const [value, counts] of values) this.addValue(dimension, value, counts);
    }
  }

  /** The sum of a value, or of all that came when there were enough, to be added to. */
  sumOfValue(dimension: Dimension, value: string): Counts {
    let values = this.dimensions.get(dimension);
    if (!values) this.dimensions.set(dimension, (values = new Map()));
    return sumOf(values, values.has(value) || values.size < MOST_SUMS_OF_VALUES ? value : FOLDED);
  }

  /** The values of a dimension that have clicks. */
  valuesOf(dimension: Dimension): [value: string, counts: Counts][] {
    return [...(this.dimensions.get(dimension) ?? [])].filter(([, { clicks }]) => clicks > 0);
  }

  /** The links that have clicks, of a report on some links. */
  get linksOfIds(): LinkCounts[] {
    return [...this.linksById]
      .map(([linkId, counts]) => ({ linkId, ...counts }))
      .filter(({ clicks }) => clicks > 0);
  }

  /** What it takes most memory for may be used by others: it must not be used any more. */
  release(): void {
    this.links.release();
  }

  /** How many sums it has. */
  get size(): number {
    let size = this.series.size + this.links.size + this.linksById.size;
    for (const values of this.dimensions.values()) size += values.size;
    return size;
  }
}

function sumOf<K>(sums: Map<K, Counts>, key: K): Counts {
  let sum = sums.get(key);
  if (!sum) sums.set(key, (sum = { ...NO_CLICKS }));
  return sum;
}

/** Adds the counts to the sum. */
export function add(sum: Counts, counts: Counts): void {
  sum.clicks += counts.clicks;
  sum.humans += counts.humans;
  sum.bots += counts.bots;
  sum.visitors += counts.visitors;
}
