import { describe, expect, it } from '@jest/globals';
import { DAY_MS } from '../analytics.types.js';
import { ofKind } from '../click-moment.js';
import { type PackableClick, PackBuilder } from '../pack-builder.js';
import type { PackPart } from '../pack-layout.js';
import { PackCounter } from './pack-counter.js';
import type { ReportPlan, Windows } from './report-plan.js';
import { ReportTally } from './report-tally.js';
import type { Counts, Filter, TimeRange } from './reports.types.js';
import { Scratch } from './scratch.js';
import { StoredPack } from './stored-pack.js';

const DAY = Date.UTC(2026, 10, 23);
const HOUR = 3_600_000;
const [A, B] = [3, 700_000];

const click = (
  linkNumber: number,
  hour: number,
  kind: 'human' | 'visitor' | 'bot',
  dimensions: PackableClick['dimensions'],
): PackableClick => ({ linkNumber, clickedAt: DAY + hour * HOUR, ...ofKind(kind), dimensions });

const CLICKS = [
  click(A, 0, 'visitor', { country: 'US', browser: 'Firefox', os: 'Linux' }),
  click(A, 1, 'human', { country: 'US', browser: 'Chrome', os: 'Linux' }),
  click(A, 23, 'human', { country: 'US' }),
  click(B, 1, 'bot', { browser: 'Chrome' }),
  click(B, 23, 'visitor', { country: 'FR', browser: 'Chrome', os: 'iOS', device: 'mobile' }),
];

const wholeDay: TimeRange[] = [{ from: DAY, to: DAY + DAY_MS }];
const CHROME: Filter = { dimension: 'browser', only: ['Chrome'], not: [] };

/** What is counted of these clicks of a workspace, if only some parts of the pack were read. */
function count(
  windows: Partial<Windows>,
  parts: PackPart[],
  selection: { starts?: number[]; filters?: Filter[]; links?: Uint32Array } = {},
): ReportTally {
  const builder = new PackBuilder('workspace', CLICKS.length);
  for (const each of CLICKS) builder.add(each);
  const all = builder.build();
  const others: Windows = { totals: [], values: [], links: [], ...windows };
  const plan = {
    owner: 'workspace',
    dimensions: ['country', 'browser', 'os'],
    others,
    rolledUp: others,
  } as unknown as ReportPlan;
  const tally = new ReportTally();
  const selected = { starts: [DAY], filters: [], links: undefined, ...selection };
  const head = { id: 'pack', group: 0, ownerId: 'team', day: DAY, isRolledUp: false };
  const row = { ...head, clicks: CLICKS.length };
  const read = Object.fromEntries(parts.map((name) => [name, all[name]!]));
  new PackCounter(plan, selected, tally).add(
    new StoredPack({ ...row, parts: read }, new Scratch()),
  );
  return tally;
}

const clicksOf = (counted: [string | number, Counts][]): [string | number, number][] =>
  counted.map(([key, { clicks }]) => [key, clicks]);
const linksOf = (tally: ReportTally): [string | number, number][] => clicksOf(tally.links.top(10));

describe(PackCounter.name, () => {
  it('counts a whole day without its times', () => {
    const all = { totals: wholeDay, values: wholeDay, links: wholeDay };
    const tally = count(all, ['links', 'rows']);
    expect(tally.series.get(0)).toEqual({ clicks: 5, humans: 4, bots: 1, visitors: 2 });
    expect(new Map(tally.valuesOf('country'))).toEqual(
      new Map([
        ['US', { clicks: 3, humans: 3, bots: 0, visitors: 1 }],
        ['FR', { clicks: 1, humans: 1, bots: 0, visitors: 1 }],
      ]),
    );
    expect(tally.links.top(10)).toEqual([
      [A, { clicks: 3, humans: 3, bots: 0, visitors: 1 }],
      [B, { clicks: 2, humans: 1, bots: 1, visitors: 1 }],
    ]);
  });

  it('counts the values of each dimension of a column, and none that is unknown', () => {
    const tally = count({ values: wholeDay }, ['rows']);
    expect(new Map(clicksOf(tally.valuesOf('browser')))).toEqual(
      new Map([
        ['Firefox', 1],
        ['Chrome', 3],
      ]),
    );
    expect(new Map(clicksOf(tally.valuesOf('os')))).toEqual(
      new Map([
        ['Linux', 2],
        ['iOS', 1],
      ]),
    );
    expect(tally.valuesOf('device')).toEqual([]);
  });

  const someHours: Partial<Windows> = {
    totals: [{ from: DAY + HOUR, to: DAY + DAY_MS }],
    values: [{ from: DAY - HOUR, to: DAY + 2 * HOUR }],
    links: [{ from: DAY + HOUR, to: DAY + 2 * HOUR }],
  };
  const starts = [DAY, DAY + 2 * HOUR, DAY + 23 * HOUR];

  it('counts what is within the windows, by the buckets they fall into', () => {
    const tally = count(someHours, ['links', 'rows', 'row_quarters', 'row_links'], { starts });
    expect(tally.series.get(0)).toMatchObject({ clicks: 2, bots: 1 });
    expect(tally.series.get(2)).toMatchObject({ clicks: 2, visitors: 1 });
    expect(tally.series.has(1)).toBe(false);
    expect(tally.valuesOf('country')).toEqual([
      ['US', { clicks: 2, humans: 2, bots: 0, visitors: 1 }],
    ]);
    expect(linksOf(tally)).toEqual([
      [A, 1],
      [B, 1],
    ]);
  });

  it('counts the same of some links, in the order of links', () => {
    const parts: PackPart[] = [
      ...(['links', 'rows', 'row_quarters', 'row_links'] as const),
      ...(['link_rows', 'link_quarters'] as const),
    ];
    const tally = count(someHours, parts, { starts, links: Uint32Array.of(A, 77) });
    expect(tally.series.get(0)).toMatchObject({ clicks: 1, bots: 0 });
    expect(tally.series.get(2)).toMatchObject({ clicks: 1, visitors: 0 });
    expect(tally.valuesOf('country')).toEqual([
      ['US', { clicks: 2, humans: 2, bots: 0, visitors: 1 }],
    ]);
    expect(linksOf(tally)).toEqual([[A, 1]]);
  });

  it.each([
    [[A], 3, 'US'],
    [[B], 2, 'FR'],
    [[A, B], 5, 'US'],
    [[7], 0, undefined],
  ])('tells what the clicks of the links %j are like', (links, clicks, country) => {
    const windows = { totals: wholeDay, values: wholeDay, links: wholeDay };
    const tally = count(windows, ['links', 'rows', 'link_rows'], {
      links: Uint32Array.from(links),
    });
    expect(tally.series.get(0)?.clicks ?? 0).toBe(clicks);
    expect(tally.valuesOf('country')[0]?.[0]).toBe(country);
    expect(linksOf(tally).map(([number]) => number)).toEqual(links.filter((link) => link !== 7));
  });

  it('counts the clicks of the wanted links that pass all filters', () => {
    const filters: Filter[] = [
      { dimension: 'browser', only: ['Chrome', null], not: [] },
      { dimension: 'country', only: [], not: ['FR'] },
    ];
    const of = (links?: Uint32Array) =>
      count({ totals: wholeDay }, ['links', 'rows', 'link_rows'], { filters, links }).series.get(0)
        ?.clicks;
    expect(of()).toBe(3);
    expect(of(Uint32Array.of(A))).toBe(2);
    expect(of(Uint32Array.of(7))).toBeUndefined();
  });

  it('counts links, and all clicks of a day, by what is known of links alone', () => {
    const windows = { totals: wholeDay, links: wholeDay };
    const all = count(windows, ['links']);
    expect(all.series.get(0)).toEqual({ clicks: 5, humans: 4, bots: 1, visitors: 2 });
    expect(linksOf(all)).toEqual([
      [A, 3],
      [B, 2],
    ]);
    const some = count(windows, ['links'], { links: Uint32Array.of(B) });
    expect(some.series.get(0)).toEqual({ clicks: 2, humans: 1, bots: 1, visitors: 1 });
    expect(linksOf(some)).toEqual([[B, 2]]);
    expect(count({}, ['links']).series.size).toBe(0);
  });

  it.each([
    ['few', [CHROME, { dimension: 'country', only: ['FR'], not: [] }], [[B, 1]]],
    [
      'most',
      [CHROME],
      [
        [B, 2],
        [A, 1],
      ],
    ],
    ['none', [{ dimension: 'os', only: ['Plan 9'], not: [] }], []],
  ] as [string, Filter[], [number, number][]][])(
    'counts the links of clicks that pass filters, where %s do',
    (_, filters, expected) => {
      const parts: PackPart[] = ['links', 'rows', 'row_links'];
      expect(linksOf(count({ links: wholeDay }, parts, { filters }))).toEqual(expected);
    },
  );
});
