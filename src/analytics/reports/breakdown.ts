import type { Dimension } from '../analytics.types.js';
import { FOLDED } from '../rare-values.js';
import type { BreakdownRow, Counts } from './reports.types.js';

export const NO_CLICKS: Counts = { clicks: 0, humans: 0, bots: 0, visitors: 0 };

export interface ValueCounts {
  /** null: unknown. */
  value: string | null;
  counts: Counts;
}

/**
 * The rows of a dimension, most clicks first: its biggest values, and the sum of all others, those
 * included that were folded. What the totals have beyond the values is the clicks whose value is unknown.
 */
export function breakDown(
  dimension: Dimension,
  values: ValueCounts[],
  totals: Counts,
  limit: number,
): BreakdownRow[] {
  const rest = minus(totals, sum(values.map(({ counts }) => counts)));
  const folded = values.filter(({ value }) => value === FOLDED);
  const known: ValueCounts[] = values.filter(({ value }) => value !== FOLDED);
  const sorted = (rest.clicks > 0 ? [...known, { value: null, counts: rest }] : known).toSorted(
    (a, b) => b.counts.clicks - a.counts.clicks || compare(a.value, b.value),
  );
  const top = sorted
    .slice(0, limit)
    .map(({ value, counts }) => ({ dimension, value, other: false, ...counts }));
  const others = [...sorted.slice(limit), ...folded];
  if (others.length === 0) return top;
  return [
    ...top,
    { dimension, value: 'other', other: true, ...sum(others.map(({ counts }) => counts)) },
  ];
}

export const sum = (counts: Counts[]): Counts =>
  counts.reduce(
    (total, { clicks, humans, bots, visitors }) => ({
      clicks: total.clicks + clicks,
      humans: total.humans + humans,
      bots: total.bots + bots,
      visitors: total.visitors + visitors,
    }),
    NO_CLICKS,
  );

const minus = (a: Counts, b: Counts): Counts => ({
  clicks: a.clicks - b.clicks,
  humans: a.humans - b.humans,
  bots: a.bots - b.bots,
  visitors: a.visitors - b.visitors,
});

const compare = (a: string | null, b: string | null): number => ((a ?? '') < (b ?? '') ? -1 : 1);
