import { DIMENSIONS, type Owner, QUARTER_MS } from '../analytics.types.js';
import { type Kind, kindOf, ofKind, quarterOf } from '../click-moment.js';
import { PackedColumn } from '../pack-column.js';
import {
  PACK_COLUMNS,
  type PackColumn,
  packedValue,
  PLACE_OF_DIMENSION,
  valuesIn,
} from '../pack-layout.js';
import { packUuid, type PackValue, unpackUuid } from '../pack-values.js';
import type { DayOfClicks } from './click-aggregator.js';
import type { CountedClick, OwnerDay } from './ingestion.types.js';
import { PackColumnBuilder } from '../pack-column-builder.js';

/** So many packs of a level are merged into one of the next. */
const FAN_IN = 16;
/** The level of packs of days that are over. */
export const MERGED_LEVEL = 9;

/** Clicks of an owner's day, column by column. */
export interface Pack extends OwnerDay {
  /** How often it was merged. */
  level: number;
  clicks: number;
  /** In the order of PACK_COLUMNS. */
  columns: Buffer[];
}

export function packClicks(owner: Owner, { ownerId, day, clicks }: DayOfClicks): Pack {
  const columns = encodeColumns(owner, clicks.length, (builder, name) => {
    for (const click of clicks) builder.add(valueOf(click, name));
  });
  return { ownerId, day, level: 0, clicks: clicks.length, columns };
}

/** One of all packs, which are of the same owner and day. */
export function mergePacks(owner: Owner, packs: [Pack, ...Pack[]], level: number): Pack {
  const [{ ownerId, day }] = packs;
  const clicks = packs.reduce((sum, pack) => sum + pack.clicks, 0);
  const columns = encodeColumns(owner, clicks, (builder, _, index) => {
    for (const pack of packs)
      builder.append(PackedColumn.decode(pack.columns[index]!, pack.clicks));
  });
  return { ownerId, day, level, clicks, columns };
}

/** The clicks are sorted by the first column, which takes next to no room then. */
function encodeColumns(
  owner: Owner,
  clicks: number,
  fill: (builder: PackColumnBuilder, name: PackColumn, index: number) => void,
): Buffer[] {
  const builders = PACK_COLUMNS[owner].map((name, index) => {
    const builder = new PackColumnBuilder(clicks, name === 'link' ? 'uuid' : 'json');
    fill(builder, name, index);
    return builder;
  });
  const order = builders[0]!.order();
  return builders.map((builder) => builder.encode(order));
}

/** The clicks again, their times rounded down to the quarter of an hour. */
export function unpack(owner: Owner, pack: Pack): CountedClick[] {
  const columns = new Map<PackColumn, PackedColumn>(
    PACK_COLUMNS[owner].map((name, index) => [
      name,
      PackedColumn.decode(pack.columns[index]!, pack.clicks),
    ]),
  );
  const value = (name: PackColumn, click: number): PackValue => columns.get(name)!.valueOf(click);
  return Array.from({ length: pack.clicks }, (_, click) => ({
    linkId: owner === 'link' ? pack.ownerId : unpackUuid(value('link', click) as string),
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

function valueOf(click: CountedClick, name: PackColumn): PackValue {
  if (name === 'quarter') return quarterOf(click.clickedAt);
  if (name === 'kind') return kindOf(click);
  if (name === 'link') return packUuid(click.linkId);
  return packedValue(name, click.dimensions);
}
