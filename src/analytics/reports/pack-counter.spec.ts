import { describe, expect, it } from '@jest/globals';
import { uuidv7 } from '../../common/uuid.js';
import { DAY_MS, type Dimension, PACK_COLUMNS, type PackColumn } from '../analytics.types.js';
import { packClicks } from '../ingestion/click-packer.js';
import type { CountedClick } from '../ingestion/ingestion.types.js';
import { PackCounter } from './pack-counter.js';
import type { ReportPlan, Windows } from './report-plan.js';
import { ReportTally } from './report-tally.js';
import type { Filter, TimeRange } from './reports.types.js';
import { StoredPack } from './stored-pack.js';

const DAY = Date.UTC(2026, 10, 23);
const HOUR = 3_600_000;
const [A, B] = [uuidv7(), uuidv7()];

const click = (
  hour: number,
  linkId: string,
  dimensions: Partial<Record<Dimension, string>>,
  flags: Partial<CountedClick> = {},
): CountedClick => ({
  clickedAt: DAY + hour * HOUR,
  linkId,
  isBot: false,
  isNewVisitor: false,
  dimensions,
  ...flags,
});

const CLICKS = [
  click(0, A, { country: 'US', browser: 'Firefox' }, { isNewVisitor: true }),
  click(1, A, { country: 'US', browser: 'Chrome' }),
  click(1, B, { browser: 'Chrome' }, { isBot: true }),
  click(23, B, { country: 'FR', browser: 'Chrome' }, { isNewVisitor: true }),
  click(23, A, { country: 'US' }),
];

/** What is counted of these clicks of a workspace, if only some columns of the pack were read. */
async function count(
  windows: Partial<Windows>,
  columns: PackColumn[],
  selection: { starts?: number[]; filters?: Filter[]; links?: Set<string> } = {},
): Promise<ReportTally> {
  const pack = packClicks('workspace', { ownerId: 'team', day: DAY, clicks: CLICKS });
  const all = PACK_COLUMNS.workspace.map((name, index) => [
    name,
    columns.includes(name) ? pack.columns[index]!.toString('base64') : null,
  ]);
  const others: Windows = { totals: [], values: [], links: [], ...windows };
  const dimensions = ['country'] satisfies Dimension[];
  const plan = { owner: 'workspace', dimensions, others } as unknown as ReportPlan;
  const tally = new ReportTally();
  const counter = new PackCounter(
    plan,
    { starts: [DAY], filters: [], links: undefined, ...selection },
    tally,
  );
  await counter.add(
    new StoredPack({
      ownerId: 'team',
      day: DAY,
      isRolledUp: false,
      clicks: CLICKS.length,
      columns: Object.fromEntries(all) as Record<PackColumn, string | null>,
    }),
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
    expect(tally.valuesOf('link')).toEqual([
      [A, { clicks: 3, humans: 3, bots: 0, visitors: 1 }],
      [B, { clicks: 2, humans: 1, bots: 1, visitors: 1 }],
    ]);
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
    const of = async (links?: Set<string>) =>
      (
        await count({ totals: wholeDay }, ['link', 'kind', 'country', 'browser'], {
          filters,
          links,
        })
      ).series.get(0)?.clicks;
    expect(await of()).toBe(3);
    expect(await of(new Set([A]))).toBe(2);
    expect(await of(new Set([uuidv7()]))).toBeUndefined();
  });
});
