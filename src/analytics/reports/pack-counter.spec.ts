import { describe, expect, it } from '@jest/globals';
import { DAY_MS } from '../analytics.types.js';
import { foldClicks } from '../folded-clicks.js';
import { PackColumnBuilder } from '../pack-column-builder.js';
import type { Kind } from '../click-moment.js';
import { FOLDED_COLUMNS, PACK_COLUMNS, type PackColumn, type PackPart } from '../pack-layout.js';
import type { PackValue } from '../pack-format.js';
import { PackedLinksBuilder } from '../packed-links.js';
import { PackCounter } from './pack-counter.js';
import type { ReportPlan, Windows } from './report-plan.js';
import { ReportTally } from './report-tally.js';
import type { Filter, TimeRange } from './reports.types.js';
import { Scratch } from './scratch.js';
import { StoredPack } from './stored-pack.js';

const DAY = Date.UTC(2026, 10, 23);
const HOUR = 3_600_000;
const [A, B] = [3, 700_000];

const CLICKS = 5;
const LINKS = [A, A, A, B, B];
const VALUES: Record<PackColumn, PackValue[]> = {
  quarter: [0, 1, 23, 1, 23].map((hour) => hour * 4),
  kind: ['visitor', 'human', 'human', 'bot', 'visitor'],
  country: ['US', 'US', 'US', null, 'FR'],
  agent: ['Firefox\nLinux\n', 'Chrome\nLinux\n', '\n\n', 'Chrome\n\n', 'Chrome\niOS\nmobile'],
  referrer: [null, null, null, null, null],
  language: [null, null, null, null, null],
  campaign: ['\n\n', '\n\n', '\n\n', '\n\n', '\n\n'],
};

function builderOf(name: PackColumn): PackColumnBuilder {
  const builder = new PackColumnBuilder(CLICKS);
  for (const value of VALUES[name]) builder.add(value);
  return builder;
}

function encode(part: PackPart): Buffer {
  if (part === 'folded') return foldClicks(FOLDED_COLUMNS.map(builderOf), CLICKS);
  if (part !== 'link')
    return builderOf(part).encode(Uint32Array.from({ length: CLICKS }, (_, n) => n));
  const links = new PackedLinksBuilder();
  for (const [click, number] of LINKS.entries()) links.add(number, VALUES.kind[click] as Kind);
  return links.build();
}

/** What is counted of these clicks of a workspace, if only some parts of the pack were read. */
async function count(
  windows: Partial<Windows>,
  parts: PackPart[],
  selection: { starts?: number[]; filters?: Filter[]; links?: Uint32Array } = {},
  linkFilter?: Filter,
): Promise<ReportTally> {
  const others: Windows = { totals: [], values: [], links: [], ...windows };
  const plan = {
    owner: 'workspace',
    dimensions: ['country', 'browser', 'os'],
    others,
    rolledUp: others,
    linkFilter,
  } as unknown as ReportPlan;
  const tally = new ReportTally();
  const counter = new PackCounter(
    plan,
    { starts: [DAY], filters: [], links: undefined, ...selection },
    tally,
  );
  counter.add(
    new StoredPack(
      {
        ownerId: 'team',
        day: DAY,
        isRolledUp: false,
        id: 'pack',
        group: 0,
        clicks: CLICKS,
        isFolded: linkFilter !== undefined,
        parts: Object.fromEntries(parts.map((name) => [name, encode(name)])),
      },
      new Scratch(),
    ),
  );
  return tally;
}

describe(PackCounter.name, () => {
  const wholeDay: TimeRange[] = [{ from: DAY, to: DAY + DAY_MS }];

  it('counts a whole day without its times', async () => {
    const all = { totals: wholeDay, values: wholeDay, links: wholeDay };
    const tally = await count(all, ['link', 'kind', 'country']);
    expect(tally.series.get(0)).toEqual({ clicks: 5, humans: 4, bots: 1, visitors: 2 });
    expect(tally.valuesOf('country')).toEqual([
      ['US', { clicks: 3, humans: 3, bots: 0, visitors: 1 }],
      ['FR', { clicks: 1, humans: 1, bots: 0, visitors: 1 }],
    ]);
    expect(tally.links.top(10)).toEqual([
      [A, { clicks: 3, humans: 3, bots: 0, visitors: 1 }],
      [B, { clicks: 2, humans: 1, bots: 1, visitors: 1 }],
    ]);
  });

  it('counts the values of each dimension of a column, and none that is unknown', async () => {
    const tally = await count({ values: wholeDay }, ['kind', 'agent']);
    expect(tally.valuesOf('browser').map(([value, { clicks }]) => [value, clicks])).toEqual([
      ['Firefox', 1],
      ['Chrome', 3],
    ]);
    expect(tally.valuesOf('os').map(([value, { clicks }]) => [value, clicks])).toEqual([
      ['Linux', 2],
      ['iOS', 1],
    ]);
    expect(tally.valuesOf('device')).toEqual([]);
  });

  it('counts what is within the windows, by the buckets they fall into', async () => {
    const tally = await count(
      {
        totals: [{ from: DAY + HOUR, to: DAY + DAY_MS }],
        values: [{ from: DAY - HOUR, to: DAY + 2 * HOUR }],
      },
      ['quarter', 'kind', 'country'],
      { starts: [DAY, DAY + 2 * HOUR, DAY + 23 * HOUR] },
    );
    expect(tally.series.get(0)).toMatchObject({ clicks: 2, bots: 1 });
    expect(tally.series.get(2)).toMatchObject({ clicks: 2, visitors: 1 });
    expect(tally.series.has(1)).toBe(false);
    expect(tally.valuesOf('country')).toEqual([
      ['US', { clicks: 2, humans: 2, bots: 0, visitors: 1 }],
    ]);
  });

  it('counts the clicks of the wanted links that pass all filters', async () => {
    const filters: Filter[] = [
      { dimension: 'browser', only: ['Chrome', null], not: [] },
      { dimension: 'country', only: [], not: ['FR'] },
    ];
    const of = async (links?: Uint32Array) =>
      (
        await count({ totals: wholeDay }, ['link', 'kind', 'country', 'agent'], {
          filters,
          links,
        })
      ).series.get(0)?.clicks;
    expect(await of()).toBe(3);
    expect(await of(Uint32Array.of(A))).toBe(2);
    expect(await of(Uint32Array.of(7))).toBeUndefined();
  });

  it('counts the same of folded clicks', async () => {
    const windows = { totals: wholeDay, values: wholeDay };
    for (const filters of [[], [{ dimension: 'browser', only: ['Chrome'], not: [] } as Filter]]) {
      const [folded, single] = await Promise.all(
        [['folded'] as PackPart[], [...PACK_COLUMNS]].map((parts) =>
          count(windows, parts, { filters }),
        ),
      );
      expect(folded!.series).toEqual(single!.series);
      for (const dimension of ['country', 'browser', 'os'] as const) {
        expect(new Map(folded!.valuesOf(dimension))).toEqual(new Map(single!.valuesOf(dimension)));
      }
    }
  });

  it('counts links, and all clicks of a day, by what is kept of links alone', async () => {
    const windows = { totals: wholeDay, links: wholeDay };
    const all = await count(windows, ['link']);
    expect(all.series.get(0)).toEqual({ clicks: 5, humans: 4, bots: 1, visitors: 2 });
    expect(all.links.top(5).map(([number, { clicks }]) => [number, clicks])).toEqual([
      [A, 3],
      [B, 2],
    ]);
    const some = await count(windows, ['link'], { links: Uint32Array.of(B) });
    expect(some.series.get(0)).toEqual({ clicks: 2, humans: 1, bots: 1, visitors: 1 });
    expect(some.links.top(5).map(([number]) => number)).toEqual([B]);
    expect((await count({}, ['link'])).series.size).toBe(0);
  });

  it('counts the links of clicks that pass filters one by one, unless they are kept by value', async () => {
    const filter: Filter = { dimension: 'country', only: [], not: ['FR'] };
    const windows = { links: wholeDay };
    const selection = { filters: [filter] };
    const clicksOf = (tally: ReportTally) =>
      tally.links.top(5).map(([number, { clicks }]) => [number, clicks]);
    expect(clicksOf(await count(windows, ['link', 'kind', 'country'], selection))).toEqual([
      [A, 3],
      [B, 1],
    ]);
    // Those of FR are taken away later.
    expect(clicksOf(await count(windows, ['link'], selection, filter))).toEqual([
      [A, 3],
      [B, 2],
    ]);
  });
});
