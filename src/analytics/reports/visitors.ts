import { type Counts, DAY_MS, type Dimension, type TimeRange } from '../analytics.types.js';
import { bucketAt } from '../common/time-ranges.js';
import type { BreakdownRow, ReportSelection, Told } from './reports.types.js';

/** A click of a human that passes the filters. */
export interface HumanClick {
  linkId: string;
  /** Those of its link. */
  tags: string[];
  /** Unix milliseconds. */
  at: number;
  /** The same for all clicks of a visitor on a UTC day. */
  visitor: string;
  values: Partial<Record<Dimension, string | null>>;
}

/** What was counted of humans. */
interface HumanCounts {
  humans: number;
  visitors: number;
}

/**
 * What follows from the address and the user agent, by which visitors are told apart: all clicks of a
 * visitor on a day have the same value, so the first of them stands for all.
 */
const SAME_ALL_DAY: ReadonlySet<Dimension> = new Set(['country', 'browser', 'os', 'device']);

const isVarying = (dimensions: readonly Dimension[]): boolean =>
  dimensions.some((name) => !SAME_ALL_DAY.has(name));

/** Whether the first clicks of the day do not tell how many visitors there were. */
export const needsClicks = ({ filters, groupBy }: ReportSelection, total: Counts): boolean =>
  total.visitors < total.humans &&
  isVarying([...filters.map(({ dimension }) => dimension), ...groupBy]);

/**
 * Tells how many visitors there were, or that it is not known. A visitor of a link and UTC day counts
 * once, with the first click that passes the filters. Blocks only know of the first click of all: it
 * stands for the others unless a filter, or the value of a row, may be another one at the next click.
 * Then visitors are counted from the clicks, if these were read, and if they are the ones that the row
 * has counted: some may be gone, or belong to another workspace now.
 */
export class Visitors {
  private readonly filtered: Dimension[];
  private readonly range: TimeRange;
  private readonly starts: number[];

  /** @param clicks those of the UTC days of the range, the first ones of visitors first; undefined if not read */
  constructor(
    { filters, range, starts }: ReportSelection,
    private readonly clicks: HumanClick[] | undefined,
  ) {
    this.filtered = filters.map(({ dimension }) => dimension);
    this.range = range;
    this.starts = starts;
  }

  total(counts: Counts): Told<Counts> {
    return tellVisitors(counts, this.filtered, this.count(() => ['all']).get('all'));
  }

  series(series: ReadonlyMap<number, Counts>): Map<number, Told<Counts>> {
    // Each in the bucket of one click, so that visitors of buckets can be summed.
    const counted = this.count(({ at }) => [bucketAt(this.starts, at)], true);
    return new Map(
      [...series].map(([bucket, row]) => [
        bucket,
        tellVisitors(row, this.filtered, counted.get(bucket)),
      ]),
    );
  }

  /** @param rows of one dimension */
  breakdown(dimension: Dimension, rows: BreakdownRow<Counts>[]): BreakdownRow[] {
    const shown = new Set(rows.filter(({ other }) => !other).map(({ value }) => value));
    const counted = this.count(({ values }) => {
      const value = values[dimension] ?? null;
      return [shown.has(value) ? value : OTHERS];
    });
    return rows.map((row) =>
      tellVisitors(row, [...this.filtered, dimension], counted.get(row.other ? OTHERS : row.value)),
    );
  }

  links<T extends Counts & { linkId: string }>(links: T[]): Told<T>[] {
    const counted = this.count(({ linkId }) => [linkId]);
    return links.map((link) => tellVisitors(link, this.filtered, counted.get(link.linkId)));
  }

  tags<T extends Counts & { tag: string }>(rows: T[]): Told<T>[] {
    const counted = this.count(({ tags }) => tags);
    return rows.map((row) => tellVisitors(row, this.filtered, counted.get(row.tag)));
  }

  /**
   * Counts the clicks in each of their groups.
   * @param isSummed whether a visitor counts in the group of one click only
   */
  private count<K>(groupsOf: (click: HumanClick) => K[], isSummed = false): Map<K, HumanCounts> {
    const { from, to } = this.range;
    const counts = new Map<K, HumanCounts>();
    const seen = new Map<K | undefined, Set<string>>();
    for (const click of this.clicks ?? []) {
      const visit = `${click.linkId} ${Math.floor(click.at / DAY_MS)} ${click.visitor}`;
      for (const group of groupsOf(click)) {
        const key = isSummed ? undefined : group;
        const visits = seen.get(key) ?? new Set();
        seen.set(key, visits);
        const isFirst = !visits.has(visit);
        visits.add(visit);
        if (click.at < from || click.at >= to) continue;
        const { humans, visitors } = counts.get(group) ?? { humans: 0, visitors: 0 };
        counts.set(group, { humans: humans + 1, visitors: visitors + Number(isFirst) });
      }
    }
    return counts;
  }
}

/** Stands for the values that have no row of their own. */
const OTHERS = Symbol('others');

/**
 * The counts, or null for visitors and why.
 * @param dimensions of which values were chosen
 * @param counted what the clicks tell
 */
export function tellVisitors<T extends Counts>(
  row: T,
  dimensions: readonly Dimension[],
  counted?: HumanCounts,
): Told<T> {
  const isCounted = counted?.humans === row.humans;
  const visitors = isCounted ? counted.visitors : row.visitors;
  // If every click was a first one, no visitor had another.
  if (visitors === row.humans) return { ...row, visitors };
  if (!isCounted && isVarying(dimensions))
    return { ...row, visitors: null, visitorsUnknown: 'varying-value' };
  if (visitors === 0) return { ...row, visitors: null, visitorsUnknown: 'came-before' };
  return { ...row, visitors };
}
