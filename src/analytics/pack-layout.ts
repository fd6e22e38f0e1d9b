import type { Dimension, Owner } from './analytics.types.js';

/**
 * The columns of packs for the dimensions. Those whose values go together share one: they come in few
 * combinations, and such a column takes no longer to count than one of a single dimension.
 */
export const DIMENSION_COLUMNS = {
  country: ['country'],
  referrer: ['referrer'],
  agent: ['browser', 'os', 'device'],
  language: ['language'],
  campaign: ['utm_source', 'utm_medium', 'utm_campaign'],
} as const satisfies Record<string, readonly Dimension[]>;
export type DimensionColumn = keyof typeof DIMENSION_COLUMNS;
export const DIMENSION_COLUMN_NAMES = Object.keys(DIMENSION_COLUMNS) as DimensionColumn[];

/** In which columns clicks are alike that are one row of a pack. Codes of kinds are their places in `KINDS`. */
export const ROW_COLUMNS = ['kind', ...DIMENSION_COLUMN_NAMES] as const;
export type RowColumn = (typeof ROW_COLUMNS)[number];

/**
 * What is stored of a pack: its rows, and in their order the time of each click and its link; links with
 * their counts, and in their order the time of each click and its row. Packs of a link need no links.
 */
export const PACK_PARTS = {
  link: ['rows', 'row_quarters'],
  workspace: ['rows', 'row_quarters', 'row_links', 'links', 'link_quarters', 'link_rows'],
} as const satisfies Record<Owner, readonly string[]>;
export type PackPart = (typeof PACK_PARTS)['workspace'][number];

/** In which column a dimension is, and where among those that share it. */
export const PLACE_OF_DIMENSION = Object.fromEntries(
  DIMENSION_COLUMN_NAMES.flatMap((column) =>
    DIMENSION_COLUMNS[column].map((dimension, part) => [dimension, { column, part }]),
  ),
) as Record<Dimension, { column: DimensionColumn; part: number }>;

/** No value is empty or has control characters in it. */
const SEPARATOR = '\n';

/** What a click has in the column; null is "unknown", as is an empty part. */
export function packedValue(
  column: DimensionColumn,
  values: Partial<Record<Dimension, string>>,
): string | null {
  const [first, ...others] = DIMENSION_COLUMNS[column];
  if (others.length === 0) return values[first] ?? null;
  let packed = values[first] ?? '';
  for (const dimension of others) packed += SEPARATOR + (values[dimension] ?? '');
  return packed;
}

/** The value of each dimension of the column; null is "unknown". */
export function valuesIn(column: DimensionColumn, packed: string | null): (string | null)[] {
  if (DIMENSION_COLUMNS[column].length === 1) return [packed];
  return packed!.split(SEPARATOR).map((value) => value || null);
}

/** What `valuesIn` takes apart. */
export const joinValues = (column: DimensionColumn, values: (string | null)[]): string | null =>
  DIMENSION_COLUMNS[column].length === 1
    ? values[0]!
    : values.map((value) => value ?? '').join(SEPARATOR);
