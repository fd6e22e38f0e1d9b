import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { ApiUser } from './contenders/api-user.ts';
import type { Surroundings } from './contenders/contender.ts';
import { Signpost } from './contenders/signpost.ts';
import { assignCores, onEveryCore } from './cores.ts';
import { findLoadGenerator } from './load/find-load-generator.ts';
import type { LoadGenerator } from './load/load.types.ts';
import { insistOn, sumOf } from './measurement.ts';
import { PeakMemory } from './memory.ts';
import { withSurroundings } from './surroundings.ts';

const USAGE = `Usage: npm run bench:capacity -- [--seconds 20] [workers …]
  workers   numbers of processes to be measured; 1 and 2 if not given
`;
const LINKS = 1_000;
const CONNECTIONS = 64;
const SETTLE_MS = 3_000;
const WARM_UP_SECONDS = 3;
/** How long clicks wait for the database at full load, and how long a burst lasts that they wait for. */
const MAX_LAG_SECONDS = 5;
/** Until ingestion takes its share. */
const LEAD_IN_SECONDS = 2 * MAX_LAG_SECONDS;
const MIB = 2 ** 20;

/** What an installation with so many workers can do. */
interface Capacity {
  workers: number;
  burst: { redirectsPerSecond: number; p99: number };
  sustained: { redirectsPerSecond: number; clicksPerSecond: number; p99: number };
  clicksCounted: number;
  linksPerSecond: number;
  idleBytes: number | undefined;
  peakBytes: number | undefined;
}

/** `npm run bench:capacity`: what WORKERS buys on this machine, with everything else on it, too. */
const { values, positionals } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '20' },
  },
  allowPositionals: true,
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit();
}
const seconds = Number(values.seconds);
const counts = positionals.length > 0 ? positionals.map(Number) : [1, 2];
// PostgreSQL gives way to nobody: it is a part of what is measured.
const cores = { ...onEveryCore(assignCores()), rest: undefined };
await withSurroundings(LINKS, cores, async (around) => {
  const generator = findLoadGenerator(cores);
  const capacities: Capacity[] = [];
  for (const workers of counts) capacities.push(await measure(workers, around, generator));
  process.stdout.write(table(capacities, generator));
});

/** @throws Error if an answer was wrong, or a click was lost or counted twice */
async function measure(
  workers: number,
  around: Surroundings,
  generator: LoadGenerator,
): Promise<Capacity> {
  const server = new Signpost(`capacity-${workers}`, `${workers} workers`, around, {
    WORKERS: String(workers),
    INGEST_MAX_LAG_SECONDS: String(MAX_LAG_SECONDS),
  });
  await server.start();
  try {
    await sleep(SETTLE_MS);
    const idleBytes = server.residentBytes();
    const memory = new PeakMemory(() => server.residentBytes());
    const before = await server.countClicks();
    const run = (duration: number) =>
      memory.during(
        generator.run({
          url: server.url,
          codesFile: around.codes.file,
          codes: LINKS,
          connections: CONNECTIONS,
          seconds: duration,
        }),
      );
    const warmUp = await run(WARM_UP_SECONDS);
    await server.countClicks();
    const burst = await run(MAX_LAG_SECONDS);
    const leadIn = await run(LEAD_IN_SECONDS);
    const { ingested } = await server.metrics();
    const since = performance.now();
    const sustained = await run(seconds);
    const added = (await server.metrics()).ingested - ingested;
    const clicksPerSecond = (added * 1_000) / (performance.now() - since);
    const loads = sumOf([warmUp, burst, leadIn, sustained]);
    const clicksCounted = (await server.countClicks()) - before;
    insistOn(loads, clicksCounted, 4 * CONNECTIONS);
    const linksPerSecond = await memory.during(makeLinks(server.url));
    return {
      workers,
      burst: { redirectsPerSecond: burst.answers / burst.seconds, p99: burst.p99 },
      sustained: {
        redirectsPerSecond: sustained.answers / sustained.seconds,
        clicksPerSecond,
        p99: sustained.p99,
      },
      clicksCounted,
      linksPerSecond,
      idleBytes,
      peakBytes: memory.bytes,
    };
  } finally {
    await server.stop();
  }
}

/** Makes links by the API, and returns how many a second. */
async function makeLinks(url: string): Promise<number> {
  const { api, token } = (await ApiUser.register(url)).credentials;
  const result = await autocannon({
    url: `${api}/links`,
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: 'https://example.com/some/page?of=the-bench' }),
    connections: CONNECTIONS,
    duration: seconds,
  });
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0) throw new Error(`${failed} links were not made`);
  return result.requests.total / result.duration;
}

function table(capacities: Capacity[], generator: LoadGenerator): string {
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  const mib = (bytes: number | undefined): string =>
    bytes === undefined ? '?' : whole(bytes / MIB);
  const rows = capacities.map(({ workers, burst, sustained, ...rest }) => [
    String(workers),
    `${whole(burst.redirectsPerSecond)} (p99 ${burst.p99.toFixed(1)} ms)`,
    `${whole(sustained.redirectsPerSecond)} (p99 ${sustained.p99.toFixed(1)} ms)`,
    whole(sustained.clicksPerSecond),
    `${whole(rest.clicksCounted)}, none lost`,
    whole(rest.linksPerSecond),
    `${mib(rest.idleBytes)} / ${mib(rest.peakBytes)}`,
  ]);
  const head = [
    'WORKERS',
    'redirects/s, burst',
    'redirects/s, without end',
    'clicks/s into PostgreSQL',
    'clicks counted',
    'links made/s',
    'MiB idle / most',
  ];
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`);
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${cpus().length} cores (${model}), shared with PostgreSQL and ${generator.name}; ${LINKS} links, ${CONNECTIONS} connections.\n\n${lines.join('')}`;
}
