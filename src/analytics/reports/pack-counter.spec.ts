import { describe, expect, it } from '@jest/globals';
import { uuidv7 } from '../../common/uuid.js';
import { DAY_MS } from '../analytics.types.js';
import { PackColumnBuilder } from '../pack-column-builder.js';
import type { PackColumn } from '../pack-layout.js';
import { packUuid, type PackValue, uuidBytes } from '../pack-values.js';
import { PackCounter } from './pack-counter.js';
import type { ReportPlan, Windows } from './report-plan.js';
import { ReportTally } from './report-tally.js';
import type { Filter, TimeRange } from './reports.types.js';
import { Scratch } from './scratch.js';
import { StoredPack } from './stored-pack.js';

const DAY = Date.UTC(2026, 10, 23);
const HOUR = 3_600_000;
const [A, B] = [uuidv7(), uuidv7()];

const CLICKS = 5;
const VALUES: Partial<Record<PackColumn, PackValue[]>> = {
  link: [A, A, B, B, A].map(packUuid),
  quarter: [0, 1, 1, 23, 23].map((hour) => hour * 4),
  kind: ['visitor', 'human', 'bot', 'visitor', 'human'],
  country: ['US', 'US', null, 'FR', 'US'],
  agent: ['Firefox\nLinux\n', 'Chrome\nLinux\n', 'Chrome\n\n', 'Chrome\niOS\nmobile', '\n\n'],
};

function encode(name: PackColumn): Buffer {
  const builder = new PackColumnBuilder(CLICKS, name === 'link' ? 'uuid' : 'json');
  for (const value of VALUES[name]!) builder.add(value);
  return builder.encode(Uint32Array.from({ length: CLICKS }, (_, n) => n));
}

/** What is counted of these clicks of a workspace, if only some columns of the pack were read. */
async function count(
  windows: Partial<Windows>,
  columns: PackColumn[],
  selection: { starts?: number[]; filters?: Filter[]; links?: Buffer } = {},
): Promise<ReportTally> {
  const others: Windows = { totals: [], values: [], links: [], ...windows };
  const plan = {
    owner: 'workspace',
    dimensions: ['country', 'browser', 'os'],
    others,
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
        columns: Object.fromEntries(columns.map((name) => [name, encode(name)])),
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
    const of = async (links?: Buffer) =>
      (
        await count({ totals: wholeDay }, ['link', 'kind', 'country', 'agent'], {
          filters,
          links,
        })
      ).series.get(0)?.clicks;
    expect(await of()).toBe(3);
    expect(await of(uuidBytes(A))).toBe(2);
    expect(await of(uuidBytes(uuidv7()))).toBeUndefined();
  });
});
