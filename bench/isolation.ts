import { setTimeout as sleep } from 'node:timers/promises';
import type { Surroundings } from './contenders/contender.ts';
import { Signpost } from './contenders/signpost.ts';
import type { Load, LoadGenerator, LoadResult } from './load/load.types.ts';
import { insistOn } from './measurement.ts';
import { SideWork } from './side-work.ts';
import type { Done } from './side-work.worker.ts';

const BACKLOG = 500_000;
const CALIBRATION_SECONDS = 4;
const CONNECTIONS = 128;
const MAX_LAG_SECONDS = 5;
/** As after an outage: it is worked off with little priority then. */
const BACKLOG_AGE_MS = 20_000;

/** What redirects notice of everything else that a server does. Latencies in milliseconds. */
export interface Isolation {
  /** Redirects a second at full load, and in the two measurements. */
  fullRate: number;
  quiet: { rate: number; p50: number; p99: number; p999: number };
  busy: { rate: number; p50: number; p99: number; p999: number };
  /** What was done beside the busy redirects. */
  done: Done & { seconds: number; ingestedClicks: number };
}

/** The latency of redirects at half of full load, with nothing else to do and with everything. */
export async function measureIsolation(
  around: Surroundings,
  generator: LoadGenerator,
  seconds: number,
): Promise<Isolation> {
  const server = new Signpost('signpost-isolation', 'Signpost', around, {
    INGEST_MAX_LAG_SECONDS: String(MAX_LAG_SECONDS),
  });
  await server.start();
  try {
    const full: Load = {
      url: server.url,
      codesFile: around.codes.file,
      codes: around.codes.codes.length,
      connections: CONNECTIONS,
      seconds: CALIBRATION_SECONDS,
    };
    const work = await SideWork.prepare(server);
    await generator.run(full);
    await server.countClicks();
    const fullRate = rateOf(await generator.run(full));
    await server.countClicks();
    const half = { ...full, seconds, thinkMs: thinkTime(fullRate / 2) };
    const quiet = await generator.run(half);
    await makeBacklog(server, generator, full);
    const before = await server.metrics();
    work.begin();
    const busy = await generator.run(half);
    const after = await server.metrics();
    const done = { seconds, ...(await work.end()) };
    for (const result of [quiet, busy]) insistOn(result, undefined, CONNECTIONS);
    return {
      fullRate,
      quiet: summary(quiet),
      busy: summary(busy),
      done: { ...done, ingestedClicks: after.ingested - before.ingested },
    };
  } finally {
    await server.stop();
  }
}

/** Ingestion is held meanwhile: it uses every pause of the load, and could keep up with it. */
async function makeBacklog(server: Signpost, generator: LoadGenerator, load: Load): Promise<void> {
  const release = await server.holdIngestion();
  const old = sleep(BACKLOG_AGE_MS);
  try {
    for (;;) {
      const { recorded, ingested } = await server.metrics();
      if (recorded - ingested >= BACKLOG) break;
      await generator.run({ ...load, seconds: 2 });
    }
    await old;
  } finally {
    await release();
  }
}

/** How long a connection has to wait between two requests, for this rate over all of them. */
const thinkTime = (rate: number): number => Math.max(1, Math.round((CONNECTIONS / rate) * 1_000));

const rateOf = ({ answers, seconds }: LoadResult): number => answers / seconds;

const summary = (result: LoadResult): Isolation['quiet'] => ({
  rate: rateOf(result),
  p50: result.p50,
  p99: result.p99,
  p999: result.p999,
});
