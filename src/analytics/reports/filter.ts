import { type Dimension, type Filter, OTHER_VALUES } from '../analytics.types.js';

/** Stands for clicks without a value of the dimension. */
const UNKNOWN = '(unknown)';
/** Stands for clicks whose value is kept as one with others. */
const OTHER = '(other)';

const CONTROL = String.raw`\u0000-\u001f\u007f-\u009f`;
const ESCAPED = String.raw`\\[^${CONTROL}]`;
const CHARACTER = String.raw`(${ESCAPED}|[^,\\${CONTROL}])`;
const ITEM = String.raw`(-${CHARACTER}+|(${ESCAPED}|[^,\\${CONTROL}-])${CHARACTER}*)`;
/** What parseFilter reads, for the OpenAPI document: items that are not empty, with commas between. */
export const FILTER_PATTERN = `^${ITEM}(,${ITEM})*$`;

/**
 * Reads `US,FR` or `-US,-(unknown)`; undefined if an item is empty. A backslash takes the meaning
 * from the character after it, for the rare values that hold a comma or begin with a minus.
 */
export function parseFilter(dimension: Dimension, text: string): Filter | undefined {
  const filter: Filter = { dimension, only: [], not: [] };
  for (const item of split(text)) {
    const isNegated = item.startsWith('-');
    const value = isNegated ? item.slice(1) : item;
    if (value === '') return undefined;
    (isNegated ? filter.not : filter.only).push(valueOf(dimension, value));
  }
  return filter;
}

/** At the commas that no backslash stands before. */
function split(text: string): string[] {
  const items = [''];
  for (const part of text.match(/\\.|./gsu) ?? []) {
    if (part === ',') items.push('');
    else items.push(items.pop()! + part);
  }
  return items;
}

function valueOf(dimension: Dimension, text: string): string | null {
  if (text === UNKNOWN) return null;
  if (text === OTHER) return OTHER_VALUES;
  const value = text.replace(/\\(.)/gsu, '$1');
  return dimension === 'country' ? value.toUpperCase() : value;
}
