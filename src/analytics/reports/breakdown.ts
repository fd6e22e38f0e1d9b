import { type Counts, type Dimension, OTHER_VALUES } from '../analytics.types.js';
import { type ClickSums, sum } from '../common/click-sums.js';
import type { BreakdownRow } from './reports.types.js';

interface ValueCounts {
  /** null: unknown. */
  value: string | null;
  counts: Counts;
}

/**
 * The rows of a dimension, most clicks first: its biggest values, and the sum of all others, those
 * included that blocks keep as one. What the total has beyond the values is the clicks whose value is
 * unknown.
 */
export function breakDown(
  dimension: Dimension,
  sums: ClickSums,
  limit: number,
): BreakdownRow<Counts>[] {
  const counted = [...(sums.values.get(dimension) ?? [])].map(([value, counts]) => ({
    value,
    counts,
  }));
  const unknown = minus(sums.total, sum(counted.map(({ counts }) => counts)));
  const rare = counted.filter(({ value }) => value === OTHER_VALUES);
  const known: ValueCounts[] = counted.filter(({ value }) => value !== OTHER_VALUES);
  if (unknown.clicks > 0) known.push({ value: null, counts: unknown });
  const sorted = known.toSorted(
    (a, b) => b.counts.clicks - a.counts.clicks || compare(a.value, b.value),
  );
  const top = sorted
    .slice(0, limit)
    .map(({ value, counts }) => ({ dimension, value, other: false, ...counts }));
  const others = [...sorted.slice(limit), ...rare];
  if (others.length === 0) return top;
  return [
    ...top,
    { dimension, value: 'other', other: true, ...sum(others.map(({ counts }) => counts)) },
  ];
}

const minus = (a: Counts, b: Counts): Counts => ({
  clicks: a.clicks - b.clicks,
  humans: a.humans - b.humans,
  bots: a.bots - b.bots,
  visitors: a.visitors - b.visitors,
});

const compare = (a: string | null, b: string | null): number => ((a ?? '') < (b ?? '') ? -1 : 1);
