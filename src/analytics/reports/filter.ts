import type { Dimension } from '../analytics.types.js';
import type { Filter } from './reports.types.js';

/** Stands for clicks without a value of the dimension. */
export const UNKNOWN = '(unknown)';

/**
 * Reads `US,FR` or `-US,-(unknown)`. A backslash takes the meaning from the character after it, for
 * the rare values that hold a comma or begin with a minus. Empty items are refused: undefined.
 */
export function parseFilter(dimension: Dimension, text: string): Filter | undefined {
  const filter: Filter = { dimension, only: [], not: [] };
  for (const item of text.match(/(?:\\.|[^,\\])+|,(?=,|$)|^(?=,|$)|\\$/gsu) ?? []) {
    const isNegated = item.startsWith('-');
    const value = isNegated ? item.slice(1) : item;
    if (value === '' || value === ',' || value === '\\') return undefined;
    (isNegated ? filter.not : filter.only).push(valueOf(dimension, value));
  }
  return filter;
}

function valueOf(dimension: Dimension, text: string): string | null {
  if (text === UNKNOWN) return null;
  const value = text.replace(/\\(.)/gsu, '$1');
  return dimension === 'country' ? value.toUpperCase() : value;
}
