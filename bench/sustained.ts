import { complain } from './complain.ts';
import type { Surroundings } from './contenders/contender.ts';
import type { Metrics } from './contenders/metrics.ts';
import { Signpost } from './contenders/signpost.ts';
import type { Load, LoadGenerator } from './load/load.types.ts';
import { insistOn, sumOf } from './measurement.ts';
import type { BenchOptions } from './options.ts';
import { meanOf } from './statistics.ts';
import { watch } from './watch.ts';

/** Ingestion may stay behind that long; then it takes the share of the core that it gets. */
const MAX_LAG_SECONDS = 5;
const FULL_LOAD_SECONDS = 3 * MAX_LAG_SECONDS;
/** Of what is ingested beside a full load. */
const SHARE_IN_BALANCE = 0.8;
const LOOK_EVERY_MS = 1_000;
/** Clicks of so long may wait more in the second half than in the first: they come in batches. */
const MAX_GROWTH_SECONDS = 2;

/** Redirects and ingestion side by side. */
export interface Sustained {
  title: string;
  seconds: number;
  redirectsPerSecond: number;
  ingestedPerSecond: number;
  p99: number;
  /** Age of the oldest click that waits, before and after. */
  lagSeconds: [number, number];
  /** Recorded, but not yet in the database: the means of the first half and of the second. */
  waitingClicks: [number, number];
  /** How long the rest took when the load was over. */
  catchUpSeconds: number;
  /** What is not as it should be. */
  complaint?: string;
}

/**
 * First at full load, where clicks pile up as soon as they come faster than they are ingested; then
 * in balance, at a rate that ingestion keeps up with.
 */
export async function measureSustained(
  durability: 'process' | 'disk',
  around: Surroundings,
  generator: LoadGenerator,
  { connections, sustainedSeconds, sizes }: BenchOptions,
): Promise<Sustained[]> {
  const title = `Signpost, durability ${durability}`;
  const server = new Signpost(`signpost-${durability}-sustained`, title, around, {
    CLICK_DURABILITY: durability,
    INGEST_MAX_LAG_SECONDS: String(MAX_LAG_SECONDS),
  });
  await server.start();
  try {
    const load = {
      url: server.url,
      codesFile: around.codes.file,
      codes: sizes[0]!,
      connections,
    };
    const leadIn = { ...load, seconds: FULL_LOAD_SECONDS };
    const full = await measure(server, generator, leadIn, { ...load, seconds: FULL_LOAD_SECONDS });
    const rate = full.ingestedPerSecond * SHARE_IN_BALANCE;
    const paced = { ...load, thinkMs: Math.round((connections / rate) * 1_000) };
    const balance = await measure(
      server,
      generator,
      { ...paced, seconds: MAX_LAG_SECONDS },
      { ...paced, seconds: sustainedSeconds },
    );
    return [
      { title: `${title}, full load`, ...full },
      inBalance({ title: `${title}, in balance`, ...balance }),
    ];
  } finally {
    await server.stop();
  }
}

async function measure(
  server: Signpost,
  generator: LoadGenerator,
  leadIn: Load,
  load: Load,
): Promise<Omit<Sustained, 'title'>> {
  const clicks = await server.countClicks();
  const first = await generator.run(leadIn);
  const before = await server.metrics();
  const since = performance.now();
  const look = () => server.metrics();
  const [result, during] = await watch(generator.run(load), LOOK_EVERY_MS, look);
  const after = await server.metrics();
  const seconds = (performance.now() - since) / 1_000;
  const restSince = performance.now();
  const counted = (await server.countClicks()) - clicks;
  insistOn(sumOf([first, result]), counted, 2 * load.connections);
  return {
    seconds: load.seconds,
    redirectsPerSecond: result.answers / result.seconds,
    ingestedPerSecond: (after.ingested - before.ingested) / seconds,
    p99: result.p99,
    lagSeconds: [before.lagSeconds, after.lagSeconds],
    waitingClicks: halves([...during, after]),
    catchUpSeconds: (performance.now() - restSince) / 1_000,
  };
}

/** The means of the clicks that waited. */
function halves(seen: Metrics[]): [number, number] {
  const waiting = seen.map(({ recorded, ingested }) => recorded - ingested);
  const middle = Math.floor(waiting.length / 2);
  return [meanOf(waiting.slice(0, middle)), meanOf(waiting.slice(middle))];
}

/** Complains if clicks came faster than they were ingested. */
function inBalance(measured: Sustained): Sustained {
  const [first, second] = measured.waitingClicks;
  if (second - first <= MAX_GROWTH_SECONDS * measured.redirectsPerSecond) return measured;
  const complaint = complain(
    `${measured.title}: it is not, more clicks wait in the second half of the run than in the first.`,
  );
  return { ...measured, complaint };
}
