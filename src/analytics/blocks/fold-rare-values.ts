import { OTHER_VALUES } from '../analytics.types.js';
import type { ColumnValue } from './codec.js';
import { type DimensionColumn, joinValues, valuesIn } from './dimension-columns.js';

/**
 * Bounds the values of a column: for each the one it is to have, itself or one with OTHER_VALUES in it.
 * @param counts how many clicks have each of the values
 * @param most how many values of a dimension are kept, see MOST_VALUES
 */
export function foldRareValues(
  column: DimensionColumn,
  values: readonly ColumnValue[],
  counts: Uint32Array,
  most: number,
): (string | null)[] {
  const split = values.map((value) => valuesIn(column, value));
  for (const part of split[0]?.keys() ?? []) {
    const kept = mostFrequent(
      split.map((parts) => parts[part]!),
      counts,
      most,
    );
    for (const parts of split) {
      const value = parts[part]!;
      if (value !== null && !kept.has(value)) parts[part] = OTHER_VALUES;
    }
  }
  // A few values of each dimension may still go together in very many ways.
  const joint = split.map(joinValues);
  const kept = mostFrequent(joint, counts, 2 * most);
  return joint.map((value, place) =>
    value === null || kept.has(value)
      ? value
      : joinValues(split[place]!.map((part) => part && OTHER_VALUES)),
  );
}

function mostFrequent(
  values: (string | null)[],
  counts: Uint32Array,
  most: number,
): ReadonlySet<string> {
  const sums = new Map<string, number>();
  for (const [place, value] of values.entries()) {
    if (value !== null && value !== OTHER_VALUES)
      sums.set(value, (sums.get(value) ?? 0) + counts[place]!);
  }
  if (sums.size <= most) return new Set(sums.keys());
  const sorted = [...sums].toSorted(([, a], [, b]) => b - a);
  return new Set(sorted.slice(0, most).map(([value]) => value));
}
