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
const NAMES = Object.keys(DIMENSION_COLUMNS) as DimensionColumn[];

/** What a pack knows of each click: when on its day, of which kind, and the dimensions. */
export const PACK_COLUMNS = ['quarter', 'kind', ...NAMES] as const;
export type PackColumn = (typeof PACK_COLUMNS)[number];

/** In which columns clicks are alike that are folded. */
export const FOLDED_COLUMNS = PACK_COLUMNS.filter((name) => name !== 'quarter');

/** What is stored of a pack: its columns; of those of workspaces the links; and the clicks folded. */
export const PACK_PARTS = {
  link: [...PACK_COLUMNS, 'folded'],
  workspace: ['link', ...PACK_COLUMNS, 'folded'],
} as const satisfies Record<Owner, readonly string[]>;
export type PackPart = (typeof PACK_PARTS)['workspace'][number];

/** In which column a dimension is, and where among those that share it. */
export const PLACE_OF_DIMENSION = Object.fromEntries(
  NAMES.flatMap((column) =>
    DIMENSION_COLUMNS[column].map((dimension, part) => [dimension, { column, part }]),
  ),
) as Record<Dimension, { column: DimensionColumn; part: number }>;

/** What stands for "unknown" where links are kept by value. No value is empty. */
export const UNKNOWN_VALUE = '';

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
