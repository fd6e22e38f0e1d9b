import { Signpost } from './contenders/signpost.ts';
import type { Surroundings } from './contenders/contender.ts';
import type { LoadGenerator } from './load/load.types.ts';
import { insistOn } from './measurement.ts';
import type { BenchOptions } from './options.ts';

/** Ingestion may stay behind that long; then it takes the share of the core that it needs. */
const MAX_LAG_SECONDS = 5;
const LEAD_IN_SECONDS = 3 * MAX_LAG_SECONDS;

/** Redirects and ingestion side by side at full load. */
export interface Sustained {
  title: string;
  seconds: number;
  redirectsPerSecond: number;
  ingestedPerSecond: number;
  p99: number;
  /** Age of the oldest click that waits, before and after. */
  lagSeconds: [number, number];
  /** Recorded, but not yet in the database, before and after. */
  waitingClicks: [number, number];
  /** How long the rest took when the load was over. */
  catchUpSeconds: number;
}

/** Measures once the lag has reached its bound, that is, once nothing can be put off any more. */
export async function measureSustained(
  durability: 'process' | 'disk',
  around: Surroundings,
  generator: LoadGenerator,
  { connections, sustainedSeconds, sizes }: BenchOptions,
): Promise<Sustained> {
  const name = `signpost-${durability}-sustained`;
  const server = new Signpost(name, `Signpost, durability ${durability}`, around, {
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
    const clicks = await server.countClicks();
    const leadIn = await generator.run({ ...load, seconds: LEAD_IN_SECONDS });
    const before = await server.metrics();
    const since = performance.now();
    const result = await generator.run({ ...load, seconds: sustainedSeconds });
    const after = await server.metrics();
    const seconds = (performance.now() - since) / 1_000;
    const restSince = performance.now();
    const counted = (await server.countClicks()) - clicks;
    const catchUpSeconds = (performance.now() - restSince) / 1_000;
    const answers = leadIn.answers + result.answers;
    insistOn({ ...result, answers, wrong: leadIn.wrong + result.wrong }, counted, 2 * connections);
    return {
      title: server.title,
      seconds: sustainedSeconds,
      redirectsPerSecond: result.answers / result.seconds,
      ingestedPerSecond: (after.ingested - before.ingested) / seconds,
      p99: result.p99,
      lagSeconds: [before.lagSeconds, after.lagSeconds],
      waitingClicks: [before.recorded - before.ingested, after.recorded - after.ingested],
      catchUpSeconds,
    };
  } finally {
    await server.stop();
  }
}
