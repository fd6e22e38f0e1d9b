import { type Counts, type Dimension, OTHER_VALUES } from '../analytics.types.js';
import { LinkSums } from './link-sums.js';

export const NO_CLICKS: Readonly<Counts> = { clicks: 0, humans: 0, bots: 0, visitors: 0 };

/**
 * Values of a dimension that have sums of their own; those that come after so many share one. Values
 * come from years of days, each with as many as blocks keep.
 */
export const MOST_SUMS_OF_VALUES = 20_000;

/** The accumulator of a report: all that it counts is added up here. */
export class ClickSums {
  /** By the index of the bucket; a bucket without clicks has no entry. */
  readonly series = new Map<number, Counts>();
  /** By dimension and value; what is unknown has no entry. */
  readonly values = new Map<Dimension, Map<string, Counts>>();
  /** Of a report on some links, by their ids. */
  readonly linksById = new Map<string, Counts>();
  /** Of a report on a workspace, by the numbers of the links. */
  readonly links = new LinkSums();

  /** @param linkId of a report on some links */
  addTotal(bucket: number, counts: Counts, linkId?: string): void {
    add(sumOf(this.series, bucket), counts);
    if (linkId !== undefined) add(sumOf(this.linksById, linkId), counts);
  }

  addValue(dimension: Dimension, value: string, counts: Counts): void {
    let values = this.values.get(dimension);
    if (!values) this.values.set(dimension, (values = new Map()));
    const isOwn = values.size < MOST_SUMS_OF_VALUES || values.has(value);
    add(sumOf(values, isOwn ? value : OTHER_VALUES), counts);
  }

  get total(): Counts {
    return sum([...this.series.values()]);
  }
}

export function sum(all: readonly Counts[]): Counts {
  const total = { ...NO_CLICKS };
  for (const counts of all) add(total, counts);
  return total;
}

function sumOf<K>(sums: Map<K, Counts>, key: K): Counts {
  let counts = sums.get(key);
  if (!counts) sums.set(key, (counts = { ...NO_CLICKS }));
  return counts;
}

function add(total: Counts, { clicks, humans, bots, visitors }: Counts): void {
  total.clicks += clicks;
  total.humans += humans;
  total.bots += bots;
  total.visitors += visitors;
}
