import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ofKind } from '../../src/analytics/click-moment.js';
import { PackBuilder } from '../../src/analytics/pack-builder.js';
import { CountingThread } from '../../src/analytics/reports/counting.thread.js';
import { GroupCounters } from '../../src/analytics/reports/group-counters.js';
import { planReport } from '../../src/analytics/reports/report-plan.js';
import { ReportTally } from '../../src/analytics/reports/report-tally.js';
import type { ReportSelection } from '../../src/analytics/reports/reports.types.js';
import type { PackRow } from '../../src/analytics/reports/stored-pack.js';
import { compiled } from '../support/environment.js';

const DAY_MS = 86_400_000;
const FIRST = Date.UTC(2026, 10, 1);
const DAYS = 8;
/** So many links have a click each, once for each country. */
const LINKS = 5_000;
const COUNTRIES = ['US', 'FR', 'JP'];
const CLICKS = DAYS * LINKS * COUNTRIES.length;

const range = { from: FIRST, to: FIRST + DAYS * DAY_MS };
const selection: ReportSelection = {
  scope: { workspaceId: 'ours' },
  range,
  starts: Array.from({ length: DAYS }, (_, day) => FIRST + day * DAY_MS),
  groupBy: ['browser', 'link'],
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
  const launch = (): Worker => {
    workers.push(new Worker(compiled('src/analytics/reports/counting.worker.js')));
    return workers.at(-1)!;
  };
  const counters = (): GroupCounters => new GroupCounters(task.plan, task.selection, new Map());
  const expected = counters();
  for (const pack of packs) expected.add(pack);

  beforeEach(() => {
    workers = [];
    thread = new CountingThread(launch, CLICKS);
  });
  afterEach(async () => {
    for (const worker of workers) await worker.terminate();
  });

  /** How many packs were left to be counted here. */
  async function count(into: GroupCounters, those = packs): Promise<number> {
    const { left, counted } = thread.share(task, those, into);
    for (const pack of left) into.add(pack);
    await counted;
    return left.length;
  }
  async function untilItHelps(): Promise<void> {
    while ((await count(counters())) === DAYS) await sleep(10);
  }

  it('counts half of the packs, as they would be counted here', async () => {
    await untilItHelps();
    for (let times = 0; times < 3; times += 1) {
      const both = counters();
      expect(await count(both)).toBe(DAYS / 2);
      expect(numbersOf(both)).toEqual(numbersOf(expected));
    }
    expect(workers).toHaveLength(1);
  });

  it('does not begin for a few clicks', async () => {
    expect(await count(counters(), packs.slice(1))).toBe(DAYS - 1);
    expect(workers).toEqual([]);
  });

  it('leaves all to others while it is at work', async () => {
    await untilItHelps();
    const [one, other] = [counters(), counters()];
    expect(await Promise.all([count(one), count(other)])).toEqual([DAYS / 2, DAYS]);
    expect(numbersOf(one)).toEqual(numbersOf(expected));
    expect(numbersOf(other)).toEqual(numbersOf(expected));
  });

  it('loses nothing when the thread ends, and begins another one', async () => {
    await untilItHelps();
    const both = counters();
    const counted = count(both);
    await workers[0]!.terminate();
    expect(await counted).toBe(DAYS / 2);
    expect(numbersOf(both)).toEqual(numbersOf(expected));
    await untilItHelps();
    expect(workers).toHaveLength(2);
  });
});
