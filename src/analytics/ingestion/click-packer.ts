import { type Owner, QUARTER_MS } from '../analytics.types.js';
import { type Kind, ofKind } from '../click-moment.js';
import { readRows } from '../click-rows.js';
import { PackedColumn } from '../pack-column.js';
import {
  DIMENSION_COLUMN_NAMES,
  DIMENSION_COLUMNS,
  ROW_COLUMNS,
  valuesIn,
} from '../pack-layout.js';
import { PackBuilder, type PackParts } from '../pack-builder.js';
import type { DayOfClicks } from './click-aggregator.js';
import type { CountedClick, OwnerDay } from './ingestion.types.js';

/** So many packs of a level are merged into one of the next. */
const FAN_IN = 16;
/** The level of packs of days that are over. */
export const MERGED_LEVEL = 9;
/** The clicks of an owner's day, or some of them. */
export interface Pack extends OwnerDay {
  /** How often it was merged. */
  level: number;
  clicks: number;
  parts: PackParts;
}

/** @param owner if it is a workspace, the numbers of the links must be known */
export function packClicks(owner: Owner, { ownerId, day, clicks }: DayOfClicks): Pack {
  const builder = new PackBuilder(owner, clicks.length);
  for (const click of clicks) builder.add(click);
  return { ownerId, day, level: 0, clicks: clicks.length, parts: builder.build() };
}

/** One of all packs, which are of the same owner and day. */
export function mergePacks(owner: Owner, packs: [Pack, ...Pack[]], level: number): Pack {
  const [{ ownerId, day }] = packs;
  const clicks = packs.reduce((sum, pack) => sum + pack.clicks, 0);
  const builder = new PackBuilder(owner, clicks);
  for (const pack of packs) builder.append(pack);
  return { ownerId, day, level, clicks, parts: builder.build() };
}

/** The clicks again, without their links, and their times rounded down to the quarter of an hour. */
export function unpack({ day, parts }: Pick<Pack, 'day' | 'parts'>): CountedClick[] {
  const { size, columns, weights } = readRows(parts.rows!, ROW_COLUMNS.length);
  const decoded = columns.map((bytes) => PackedColumn.decode(bytes, size));
  const clicks: CountedClick[] = [];
  for (const [row, weight] of weights.entries()) {
    const [kind, ...values] = decoded.map((column) => column.valueAt(row));
    const known = { ...ofKind(kind as Kind), dimensions: dimensionsOf(values as string[]) };
    for (let count = 0; count < weight; count += 1) {
      const quarter = parts.row_quarters![clicks.length]!;
      clicks.push({ clickedAt: day + quarter * QUARTER_MS, ...known });
    }
  }
  return clicks;
}

/** @param values of a row, in the order of the columns of dimensions */
function dimensionsOf(values: (string | null)[]): CountedClick['dimensions'] {
  return Object.fromEntries(
    DIMENSION_COLUMN_NAMES.flatMap((column, index) =>
      valuesIn(column, values[index]!).flatMap((value, part) =>
        value === null ? [] : [[DIMENSION_COLUMNS[column][part]!, value]],
      ),
    ),
  );
}

/**
 * To which level the packs of a day are to be merged when it has got this many: every 16th pack
 * merges the last 16, every 256th the last 16 of those, and so on (a log-structured merge tree), so
 * that a day has few packs at any time, and a click is rewritten only a few times.
 * @returns 0 for none
 */
export function levelToMerge(packs: number): number {
  let level = 0;
  for (let rest = packs; rest > 0 && rest % FAN_IN === 0; rest /= FAN_IN) level += 1;
  return Math.min(level, MERGED_LEVEL - 1);
}
