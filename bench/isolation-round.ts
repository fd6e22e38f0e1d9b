import { setTimeout as sleep } from 'node:timers/promises';
import type { Metrics } from './contenders/metrics.ts';
import type { Signpost } from './contenders/signpost.ts';
import type { Load, LoadGenerator, LoadResult } from './load/load.types.ts';
import { insistOn, sumOf } from './measurement.ts';
import type { SideWork } from './side-work.ts';
import type { Done } from './side-work.worker.ts';

const BACKLOG = 500_000;
const BACKLOG_LOAD_SECONDS = 2;
/** As after an outage: it is worked off with little priority then. */
const BACKLOG_AGE_MS = 20_000;

/** Threads begin, and code that has not run yet is slow: that is told apart. */
const BEGINNING_SECONDS = 5;

/** What a round needs. */
export interface Scene {
  server: Signpost;
  generator: LoadGenerator;
  work: SideWork;
  fullLoad: Load;
  halfLoad: Load;
}

/** Redirects with nothing else to do, and then with everything. */
export interface Round {
  quiet: LoadResult;
  /** The first seconds with everything. */
  beginning: LoadResult;
  busy: LoadResult;
  /** From the beginning on. */
  done: Done & { seconds: number; ingestedClicks: number };
  /** Recorded, but not yet in the database, before and after the busy redirects. */
  waitingClicks: [number, number];
}

/** With every answer and every click checked, those of the backlog too. */
export async function measureRound(scene: Scene): Promise<Round> {
  const { server, generator, work, halfLoad } = scene;
  const { connections } = halfLoad;
  const clicksAtFirst = await server.countClicks();
  // Else PostgreSQL would do it later, when it should be quiet.
  await server.vacuum();
  const quiet = await generator.run(halfLoad);
  const clicks = await server.countClicks();
  insistOn(quiet, clicks - clicksAtFirst, connections);
  const backlog = await makeBacklog(scene);
  const before = await server.metrics();
  work.begin();
  const beginning = await generator.run({ ...halfLoad, seconds: BEGINNING_SECONDS });
  const busy = await generator.run(halfLoad);
  const after = await server.metrics();
  const done = await work.end();
  const counted = (await server.countClicks()) - clicks;
  const asked = sumOf([beginning, busy, ...backlog]);
  insistOn(asked, counted, connections * (backlog.length + 2));
  return {
    quiet,
    beginning,
    busy,
    done: {
      ...done,
      seconds: beginning.seconds + busy.seconds,
      ingestedClicks: after.ingested - before.ingested,
    },
    waitingClicks: [waitingOf(before), waitingOf(after)],
  };
}

/** Ingestion is held meanwhile: it uses every pause of the load, and could keep up with it. */
async function makeBacklog({ server, generator, fullLoad }: Scene): Promise<LoadResult[]> {
  const loads: LoadResult[] = [];
  const release = await server.holdIngestion();
  const old = sleep(BACKLOG_AGE_MS);
  try {
    while (waitingOf(await server.metrics()) < BACKLOG) {
      loads.push(await generator.run({ ...fullLoad, seconds: BACKLOG_LOAD_SECONDS }));
    }
    await old;
  } finally {
    await release();
  }
  return loads;
}

const waitingOf = ({ recorded, ingested }: Metrics): number => recorded - ingested;
