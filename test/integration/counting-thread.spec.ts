import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ofKind } from '../../src/analytics/click-moment.js';
import { PackBuilder } from '../../src/analytics/pack-builder.js';
import { CountingThread } from '../../src/analytics/reports/counting.thread.js';
import type { CountingWorkerData } from '../../src/analytics/reports/counting.worker.js';
import { GroupCounters } from '../../src/analytics/reports/group-counters.js';
import { planReport } from '../../src/analytics/reports/report-plan.js';
import { ReportTally } from '../../src/analytics/reports/report-tally.js';
import type { ReportSelection } from '../../src/analytics/reports/reports.types.js';
import type { PackRow } from '../../src/analytics/reports/stored-pack.js';
import { compiled } from '../support/environment.js';

const DAY_MS = 86_400_000;
const FIRST = Date.UTC(2026, 10, 1);
const DAYS = 8;
const CACHE_BYTES = 10 * 2 ** 20;
/** So many links have a click each, once for each country. */
const LINKS = 5_000;
const COUNTRIES = ['US', 'FR', 'JP'];
const CLICKS = DAYS * LINKS * COUNTRIES.length;

const range = { from: FIRST, to: FIRST + DAYS * DAY_MS };
const selection: ReportSelection = {
  scope: { workspaceId: 'ours' },
  range,
  starts: Array.from({ length: DAYS }, (_, day) => FIRST + day * DAY_MS),
  groupBy: ['browser'],
  filters: [{ dimension: 'country', only: ['US', 'JP'], not: [] }],
  limit: 10,
};
const task = { plan: planReport(selection), selection: { ...selection, links: undefined } };
const packs = Array.from({ length: DAYS }, (_, day) => packOf(day));

function packOf(day: number): PackRow {
  const builder = new PackBuilder('workspace', CLICKS / DAYS);
  for (let link = 0; link < LINKS; link += 1) {
    for (const country of COUNTRIES) {
      builder.add({
        ...ofKind(link % 5 === 0 ? 'bot' : 'visitor'),
        linkNumber: link * 7,
        clickedAt: FIRST + day * DAY_MS + link,
        dimensions: { country, browser: `Browser ${link % 3}` },
      });
    }
  }
  const head = { id: `pack ${day}`, group: 18 + (day % 2), ownerId: 'ours', isRolledUp: false };
  const parts = builder.build() as PackRow['parts'];
  return { ...head, day: FIRST + day * DAY_MS, clicks: CLICKS / DAYS, parts };
}

/** All that was counted, as something to compare. */
function numbersOf({ groups, clicks }: GroupCounters): unknown {
  const tally = new ReportTally();
  for (const counted of groups.values()) tally.addAll(counted.tally);
  return {
    clicks,
    ids: new Map([...groups].map(([group, { ids }]) => [group, new Set(ids)])),
    series: tally.series,
    browsers: new Map(tally.valuesOf('browser')),
    links: tally.links.top(LINKS),
  };
}

describe(CountingThread.name, () => {
  let thread: CountingThread;
  let workers: Worker[];
  const launch = (workerData: CountingWorkerData): Worker => {
    const script = compiled('src/analytics/reports/counting.worker.js');
    workers.push(new Worker(script, { workerData }));
    return workers.at(-1)!;
  };
  const newCounters = (): GroupCounters => new GroupCounters(task.plan, task.selection, new Map());
  const expected = newCounters();
  for (const pack of packs) expected.add(pack);

  beforeEach(() => {
    workers = [];
    thread = new CountingThread(CACHE_BYTES, launch, CLICKS / DAYS);
  });
  afterEach(async () => {
    for (const worker of workers) await worker.terminate();
  });

  const keepTheirs = (): void =>
    packs.filter(isTheirs).forEach(({ id, parts }) => thread.keep(id, parts));
  const isTheirs = (pack: PackRow): boolean => thread.takes(pack);

  /** Counts all packs, those that the thread has not here; tells which these were. */
  async function count(): Promise<{ counters: GroupCounters; here: string[] }> {
    const counters = newCounters();
    const theirs = thread.count(task, packs.filter(isTheirs), counters);
    const ours = packs.filter((pack) => !isTheirs(pack)).map(({ id }) => id);
    const here = [...ours, ...(await theirs)];
    for (const pack of packs) if (here.includes(pack.id)) counters.add(pack);
    return { counters, here };
  }

  it('takes large packs of every second day', () => {
    const days = packs.filter(isTheirs).map(({ day }) => day);
    expect(days).toHaveLength(DAYS / 2);
    expect(new Set(days.map((day) => (day / DAY_MS) % 2)).size).toBe(1);
    expect(thread.takes({ ...packs.find(isTheirs)!, clicks: CLICKS / DAYS - 1 })).toBe(false);
  });

  it('counts what it has kept as it would be counted here', async () => {
    keepTheirs();
    for (let times = 0; times < 3; times += 1) {
      const { counters, here } = await count();
      expect(here).toHaveLength(DAYS / 2);
      expect(numbersOf(counters)).toEqual(numbersOf(expected));
    }
    expect(workers).toHaveLength(1);
  });

  it('answers one question after the other', async () => {
    keepTheirs();
    const counted = await Promise.all([1, 2, 3, 4].map(() => count()));
    for (const { counters, here } of counted) {
      expect(here).toHaveLength(DAYS / 2);
      expect(numbersOf(counters)).toEqual(numbersOf(expected));
    }
  });

  it('tells which packs it does not have', async () => {
    expect((await count()).here).toHaveLength(DAYS);
    expect(workers).toEqual([]);
    const [kept, partly] = packs.filter(isTheirs) as [PackRow, PackRow];
    thread.keep(kept.id, kept.parts);
    thread.keep(partly.id, { ...partly.parts, rows: null });
    const { counters, here } = await count();
    expect(here).toHaveLength(DAYS - 1);
    expect(here).not.toContain(kept.id);
    expect(numbersOf(counters)).toEqual(numbersOf(expected));
  });

  it('keeps no more than it may', async () => {
    thread = new CountingThread(packs[0]!.parts.rows!.length, launch, CLICKS / DAYS);
    keepTheirs();
    expect((await count()).here).toHaveLength(DAYS);
  });

  it('loses nothing when the thread ends, and begins another one', async () => {
    keepTheirs();
    const counting = Promise.all([count(), count()]);
    await workers[0]!.terminate();
    for (const { counters } of await counting) {
      expect(numbersOf(counters)).toEqual(numbersOf(expected));
    }
    expect((await count()).here).toHaveLength(DAYS);
    keepTheirs();
    expect((await count()).here).toHaveLength(DAYS / 2);
    expect(workers).toHaveLength(2);
  });
});
