import { DIMENSIONS, type Owner, QUARTER_MS } from '../analytics.types.js';
import { type Kind, ofKind } from '../click-moment.js';
import { PackedColumn } from '../pack-column.js';
import type { PackValue } from '../pack-format.js';
import { PACK_COLUMNS, type PackColumn, PLACE_OF_DIMENSION, valuesIn } from '../pack-layout.js';
import type { DayOfClicks } from './click-aggregator.js';
import type { CountedClick, OwnerDay } from './ingestion.types.js';
import { type LinksOfValue, PackBuilder, type PackParts } from './pack-builder.js';

/** So many packs of a level are merged into one of the next. */
const FAN_IN = 16;
/** The level of packs of days that are over. */
export const MERGED_LEVEL = 9;
/** Clicks of an owner's day, column by column. */
export interface Pack extends OwnerDay {
  /** How often it was merged. */
  level: number;
  clicks: number;
  parts: PackParts;
  /** Of a pack of a workspace that has its clicks folded, too. */
  linksByValue: LinksOfValue[];
}

/**
 * @param owner if it is a workspace, the numbers of the links must be known
 * @param mostUnfolded if there are more clicks, they are also folded, and links are kept by value
 */
export function packClicks(
  owner: Owner,
  { ownerId, day, clicks }: DayOfClicks,
  mostUnfolded: number,
): Pack {
  const builder = new PackBuilder(owner, clicks.length);
  for (const click of clicks) builder.add(click);
  return { ownerId, day, level: 0, ...contentsOf(builder, clicks.length, mostUnfolded) };
}

/** One of all packs, which are of the same owner and day; @param mostUnfolded as of `packClicks` */
export function mergePacks(
  owner: Owner,
  packs: [Pack, ...Pack[]],
  level: number,
  mostUnfolded: number,
): Pack {
  const [{ ownerId, day }] = packs;
  const clicks = packs.reduce((sum, pack) => sum + pack.clicks, 0);
  const builder = new PackBuilder(owner, clicks);
  for (const pack of packs) builder.append(pack);
  return { ownerId, day, level, ...contentsOf(builder, clicks, mostUnfolded) };
}

function contentsOf(
  builder: PackBuilder,
  clicks: number,
  mostUnfolded: number,
): Pick<Pack, 'clicks' | 'parts' | 'linksByValue'> {
  const parts = builder.build();
  if (clicks <= mostUnfolded) return { clicks, parts, linksByValue: [] };
  return {
    clicks,
    parts: { ...parts, folded: builder.fold() },
    linksByValue: builder.linksByValue(),
  };
}

/** The clicks again, without their links, and their times rounded down to the quarter of an hour. */
export function unpack(pack: Pack): CountedClick[] {
  const columns = new Map<PackColumn, PackedColumn>(
    PACK_COLUMNS.map((name) => [name, PackedColumn.decode(pack.parts[name]!, pack.clicks)]),
  );
  const value = (name: PackColumn, click: number): PackValue => columns.get(name)!.valueOf(click);
  return Array.from({ length: pack.clicks }, (_, click) => ({
    clickedAt: pack.day + (value('quarter', click) as number) * QUARTER_MS,
    ...ofKind(value('kind', click) as Kind),
    dimensions: Object.fromEntries(
      DIMENSIONS.flatMap((name) => {
        const { column, part } = PLACE_OF_DIMENSION[name];
        const known = valuesIn(column, value(column, click) as string | null)[part]!;
        return known === null ? [] : [[name, known]];
      }),
    ),
  }));
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
