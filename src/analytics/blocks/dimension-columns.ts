import type { Dimension, DimensionValues } from '../analytics.types.js';
import type { ColumnValue } from './codec.js';

/**
 * The columns of blocks for the dimensions. Those whose values go together share one: they come in few
 * combinations, and such a column takes no longer to count than one of a single dimension.
 */
export const DIMENSION_COLUMNS = {
  country: ['country'],
  referrer: ['referrer'],
  agent: ['browser', 'os', 'device'],
  language: ['language'],
  campaign: ['utm_source', 'utm_medium', 'utm_campaign'],
  target: ['target', 'qr'],
} as const satisfies Record<string, readonly Dimension[]>;
export type DimensionColumn = keyof typeof DIMENSION_COLUMNS;

/** In their order in blocks, after the kind of click. */
export const FIRST_COLUMNS = ['country', 'referrer', 'agent', 'language', 'campaign'] as const;

/**
 * Columns that blocks have only if a click has a value there: most have none, and those from before the
 * column was thought of have none either. More of them may follow, at the end.
 */
export const OPTIONAL_COLUMNS = ['target'] as const;

export const COLUMN_NAMES = [...FIRST_COLUMNS, ...OPTIONAL_COLUMNS] as const;

/** In which column a dimension is, and where among those that share it. */
export const PLACE_OF_DIMENSION: Record<Dimension, { column: DimensionColumn; part: number }> = {
  country: { column: 'country', part: 0 },
  referrer: { column: 'referrer', part: 0 },
  browser: { column: 'agent', part: 0 },
  os: { column: 'agent', part: 1 },
  device: { column: 'agent', part: 2 },
  language: { column: 'language', part: 0 },
  utm_source: { column: 'campaign', part: 0 },
  utm_medium: { column: 'campaign', part: 1 },
  utm_campaign: { column: 'campaign', part: 2 },
  target: { column: 'target', part: 0 },
  qr: { column: 'target', part: 1 },
};

/** No value is empty or has control characters in it. */
const SEPARATOR = '\n';

/** What a click has in the column; null is "unknown", as is an empty part. */
export const columnValue = (column: DimensionColumn, values: DimensionValues): string | null =>
  joinValues(DIMENSION_COLUMNS[column].map((dimension) => values[dimension] ?? null));

/** The value of each dimension of a column; null is "unknown". */
export function valuesIn(column: DimensionColumn, value: ColumnValue): (string | null)[] {
  const { length } = DIMENSION_COLUMNS[column];
  if (length === 1) return [value === null ? null : String(value)];
  return String(value)
    .split(SEPARATOR)
    .map((part) => part || null);
}

/** What `valuesIn` takes apart. */
export const joinValues = (values: readonly (string | null)[]): string | null =>
  values.length === 1 ? values[0]! : values.map((value) => value ?? '').join(SEPARATOR);
