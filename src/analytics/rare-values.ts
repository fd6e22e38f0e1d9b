import type { Owner } from './analytics.types.js';
import type { PackValue } from './pack-format.js';
import { DIMENSION_COLUMNS, type DimensionColumn, joinValues, valuesIn } from './pack-layout.js';

/**
 * So many values of a dimension are kept of a day in a pack, and twice as many combinations of those that
 * share a column. Visitors choose most of their values freely (campaign, referrer, language, even the
 * name of their browser): with a new one on every click, each would be stored for ever, and added up by
 * every report. The rest is one value, FOLDED; the clicks themselves keep theirs.
 *
 * Each pack keeps what is most frequent among its own clicks, and so does the pack that others are
 * merged into. A value may therefore be folded in one pack and not in another, and a report then shows
 * fewer clicks of it than there were; the sum of all values is right always.
 */
export const MOST_VALUES: Record<Owner, number> = { link: 1_000, workspace: 4_000 };

/**
 * What values are folded into. It is a control character, which the enricher takes out of all that
 * visitors send and no filter of a request may have, so nobody's own value is mistaken for it.
 */
export const FOLDED = '\u0001';

/**
 * For each value of a column the one it is to have: itself, or one with FOLDED in it.
 * @param counts how many clicks have each of the values
 */
export function foldRareValues(
  column: DimensionColumn,
  values: readonly PackValue[],
  counts: Uint32Array,
  most: number,
): (string | null)[] {
  const split = values.map((value) => valuesIn(column, value as string | null));
  for (const part of DIMENSION_COLUMNS[column].keys()) {
    const kept = mostFrequent(
      split.map((parts) => parts[part]!),
      counts,
      most,
    );
    for (const parts of split) parts[part] = keptOrFolded(parts[part]!, kept);
  }
  // A few values of each dimension may still go together in very many ways.
  const joined = split.map((parts) => joinValues(column, parts));
  const kept = mostFrequent(joined, counts, 2 * most);
  return joined.map((value, place) =>
    value === null || kept.has(value)
      ? value
      : joinValues(
          column,
          split[place]!.map((part) => part && FOLDED),
        ),
  );
}

const keptOrFolded = (value: string | null, kept: ReadonlySet<string>): string | null =>
  value === null || kept.has(value) ? value : FOLDED;

function mostFrequent(
  values: (string | null)[],
  counts: Uint32Array,
  most: number,
): ReadonlySet<string> {
  const sums = new Map<string, number>();
  for (const [place, value] of values.entries()) {
    if (value !== null && value !== FOLDED)
      sums.set(value, (sums.get(value) ?? 0) + counts[place]!);
  }
  if (sums.size <= most) return new Set(sums.keys());
  const sorted = [...sums].toSorted(([, a], [, b]) => b - a);
  return new Set(sorted.slice(0, most).map(([value]) => value));
}
