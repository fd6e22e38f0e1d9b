import { setTimeout as sleep } from 'node:timers/promises';
import type { TestServer } from '../../test/support/server.ts';
import { TemporaryDirectory } from '../../test/support/temporary-directory.ts';
import { METRICS_TOKEN } from '../contenders/metrics.ts';
import { PeakMemory, residentBytesOf } from '../memory.ts';
import { ask } from './http.ts';
import { codeOf } from './link-set.ts';
import { hasWrk, type LoadResult, Wrk } from './wrk.ts';

const HOT_LINKS = 1_000;
const CONNECTIONS = 32;
const SETTLED_AFTER_MS = 5_000;

/** Resident memory of the server, in bytes. */
export interface Memory {
  idle: number;
  /** With as many links in memory as LINK_CACHE_SIZE allows. */
  cacheFull: number;
  /** The most while hot links were asked for; absent where the system does not tell. */
  underLoad?: number;
}

export interface Misses {
  hotAlone: LoadResult;
  /** While random codes are asked for at full speed. */
  hot: LoadResult;
  random: LoadResult;
  /** Queries for codes a second meanwhile. */
  queriesPerSecond: number;
  /** Lookups of hot links that had to ask the database afterwards: none was evicted. */
  hotLinksEvicted: number;
}

/** Memory and misses, of a server that has just started. */
export async function measureUnderLoad(
  server: TestServer,
  cached: number,
  seconds: number,
): Promise<{ memory: Memory; misses?: Misses }> {
  await sleep(SETTLED_AFTER_MS);
  const memory: Memory = {
    idle: await metric(server, 'process_resident_memory_bytes'),
    cacheFull: 0,
  };
  await visit(server, cached);
  memory.cacheFull = await metric(server, 'process_resident_memory_bytes');
  if (!hasWrk()) return { memory };
  const directory = new TemporaryDirectory();
  try {
    const wrk = new Wrk(directory.path);
    // Those visited last are sure to be in memory.
    const codes = Array.from({ length: HOT_LINKS }, (_, n) => codeOf(cached - 1 - n));
    const hotLoad = { codes, connections: CONNECTIONS, seconds };
    // Not by its metrics: to make them would hold up what is measured.
    const peak = new PeakMemory(() => residentBytes(server));
    const hotAlone = await peak.during(wrk.load(server.url, hotLoad));
    memory.underLoad = peak.bytes;
    const queries = await metric(server, 'signpost_link_lookup_queries_total');
    const [hot, random] = await Promise.all([
      wrk.load(server.url, hotLoad),
      wrk.load(server.url, { connections: CONNECTIONS, seconds }),
    ]);
    insistOn(hotAlone, '302');
    insistOn(hot, '302');
    insistOn(random, '404');
    const queriesPerSecond =
      ((await metric(server, 'signpost_link_lookup_queries_total')) - queries) / seconds;
    const misses = await metric(server, 'signpost_link_lookups_total{result="misses"}');
    for (const code of codes) await ask(`${server.url}/${code}`);
    const hotLinksEvicted =
      (await metric(server, 'signpost_link_lookups_total{result="misses"}')) - misses;
    return { memory, misses: { hotAlone, hot, random, queriesPerSecond, hotLinksEvicted } };
  } finally {
    directory.remove();
  }
}

function insistOn({ statuses }: LoadResult, expected: string): void {
  const others = Object.keys(statuses).filter((status) => status !== expected);
  if (others.length > 0) throw new Error(`answers with ${others.join()} instead of ${expected}`);
}

/** Follows the links with the first numbers, many at once. */
async function visit(server: TestServer, count: number): Promise<void> {
  let next = 0;
  const visitor = async (): Promise<void> => {
    while (next < count) {
      const { status } = await ask(`${server.url}/${codeOf(next++)}`);
      if (status !== 302) throw new Error(`a link is answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, visitor));
}

function residentBytes({ pid }: TestServer): number | undefined {
  try {
    return residentBytesOf(pid);
  } catch {
    return undefined;
  }
}

async function metric(server: TestServer, series: string): Promise<number> {
  const { text } = await ask(`${server.url}/metrics`, METRICS_TOKEN);
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  if (line === undefined) throw new Error(`there is no metric ${series}`);
  return Number(line.slice(series.length + 1));
}
