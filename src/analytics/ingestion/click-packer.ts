import { DIMENSIONS, type Owner, PACK_COLUMNS, type PackColumn } from '../analytics.types.js';
import { MOMENTS, momentOf, ofMoment } from '../click-moment.js';
import { PackedColumn, PackedColumnBuilder, type PackValue } from '../pack-column.js';
import type { DayOfClicks } from './click-aggregator.js';
import type { CountedClick, OwnerDay } from './ingestion.types.js';

/** So many packs of a level are merged into one of the next. */
const FAN_IN = 16;
/** The level of packs of days that are over. */
export const MERGED_LEVEL = 9;

/** The place of the column that clicks are sorted by. */
const MOMENT = 0;

/** Clicks of an owner's day, column by column. */
export interface Pack extends OwnerDay {
  /** How often it was merged. */
  level: number;
  clicks: number;
  /** In the order of PACK_COLUMNS. */
  columns: Buffer[];
}

/** The clicks of a pack are in the order of their moments, which takes next to no room then. */
export function packClicks(owner: Owner, { ownerId, day, clicks }: DayOfClicks): Pack {
  const order = orderOf(Uint16Array.from(clicks, momentOf));
  const columns = PACK_COLUMNS[owner].map((name) => {
    const builder = new PackedColumnBuilder(clicks.length);
    for (const click of clicks) builder.add(valueOf(click, name));
    return builder.encode(order);
  });
  return { ownerId, day, level: 0, clicks: clicks.length, columns };
}

/** One of all packs, which are of the same owner and day. */
export function mergePacks(packs: [Pack, ...Pack[]], level: number): Pack {
  const [{ ownerId, day, columns }] = packs;
  const clicks = packs.reduce((sum, pack) => sum + pack.clicks, 0);
  const decode = (pack: Pack, column: number) =>
    PackedColumn.decode(pack.columns[column]!, pack.clicks);
  const order = orderOf(
    momentsOf(
      packs.map((pack) => decode(pack, MOMENT)),
      clicks,
    ),
  );
  const merged = columns.map((_, column) => {
    const builder = new PackedColumnBuilder(clicks);
    for (const pack of packs) builder.append(decode(pack, column));
    return builder.encode(order);
  });
  return { ownerId, day, level, clicks, columns: merged };
}

function momentsOf(columns: PackedColumn[], clicks: number): Uint16Array {
  const moments = new Uint16Array(clicks);
  let at = 0;
  for (const column of columns) {
    for (let click = 0; click < column.clicks; click += 1) {
      moments[at] = column.values[column.codeAt(click)] as number;
      at += 1;
    }
  }
  return moments;
}

/** The places of the moments in ascending order: sorted by counting, as there are few different. */
function orderOf(moments: Uint16Array): Uint32Array {
  const next = new Uint32Array(MOMENTS + 1);
  for (const moment of moments) next[moment + 1]! += 1;
  for (let moment = 1; moment <= MOMENTS; moment += 1) next[moment]! += next[moment - 1]!;
  const order = new Uint32Array(moments.length);
  for (let index = 0; index < moments.length; index += 1) {
    const moment = moments[index]!;
    order[next[moment]!] = index;
    next[moment]! += 1;
  }
  return order;
}

/** The clicks again, their times rounded down to the quarter of an hour. */
export function unpack(owner: Owner, pack: Pack): CountedClick[] {
  const columns = new Map(
    PACK_COLUMNS[owner].map((name, index) => [
      name,
      PackedColumn.decode(pack.columns[index]!, pack.clicks),
    ]),
  );
  const value = (name: PackColumn, index: number): PackValue | undefined => {
    const column = columns.get(name);
    return column?.values[column.codeAt(index)];
  };
  return Array.from({ length: pack.clicks }, (_, index) => ({
    linkId: owner === 'link' ? pack.ownerId : (value('link', index) as string),
    ...ofMoment(value('moment', index) as number, pack.day),
    dimensions: Object.fromEntries(
      DIMENSIONS.flatMap((name) => {
        const known = value(name, index);
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
  if (name === 'moment') return momentOf(click);
  if (name === 'link') return click.linkId;
  return click.dimensions[name] ?? null;
}
