import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { CacheMemory } from './cache-memory.ts';
import type { Plans } from './plans.ts';
import type { Latencies } from './requests.ts';
import type { Memory, Misses } from './under-load.ts';

export interface SizeResult {
  links: number;
  loadedPerSecond: number;
  /** Of the table of links, and of its indexes. */
  tableBytes: number;
  indexBytes: number;
  latencies: Latencies;
  plans: Plans;
  /** Of the table of links, by all that was asked at this size. */
  sequentialScans: number;
}

export interface ScaleResult {
  sizes: SizeResult[];
  cache: CacheMemory;
  memory: Memory;
  /** Absent without wrk. */
  misses?: Misses;
}

/** Prints the tables and keeps all numbers as scale.json. */
export function publish(result: ScaleResult, postgres: string, out: string): void {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.version,
    postgres,
  };
  mkdirSync(out, { recursive: true });
  const file = join(out, 'scale.json');
  const measuredAt = new Date().toISOString();
  writeFileSync(file, `${JSON.stringify({ measuredAt, machine, ...result }, null, 2)}\n`);
  process.stdout.write(
    [...latencyTable(result.sizes), ...summary(result), '', file, ''].join('\n'),
  );
}

function latencyTable(sizes: SizeResult[]): string[] {
  const heads = sizes.map(({ links }) => `${count(links)} links`);
  const kinds = Object.keys(sizes[0]!.latencies);
  return [
    '',
    row('p50 / p99 in ms', heads),
    ...kinds.map((kind) =>
      row(
        kind,
        sizes.map(({ latencies }) => {
          const { p50, p99 } = latencies[kind]!;
          return `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
        }),
      ),
    ),
    row(
      'loaded, links/s',
      sizes.map(({ loadedPerSecond }) => count(loadedPerSecond)),
    ),
    row(
      'table + indexes, MB',
      sizes.map((size) => `${mega(size.tableBytes)} + ${mega(size.indexBytes)}`),
    ),
    row(
      'sequential scans',
      sizes.map(({ sequentialScans }) => String(sequentialScans)),
    ),
  ];
}

function summary({ cache, memory, misses }: ScaleResult): string[] {
  const underLoad =
    memory.underLoad === undefined ? '' : `, ${mega(memory.underLoad)} MB under load`;
  const lines = [
    '',
    `A cached link takes ${cache.bytesPerLink} bytes, an unknown code ${cache.bytesPerKnownMiss}.`,
    `Resident memory: ${mega(memory.idle)} MB idle, ${mega(memory.cacheFull)} MB with ${count(cache.cachedLinks)} links in memory${underLoad}.`,
  ];
  if (!misses) return [...lines, 'No load on hot links: wrk is not installed.'];
  const { hotAlone, hot, random, queriesPerSecond, hotLinksEvicted } = misses;
  return [
    ...lines,
    `Hot links: ${count(hotAlone.perSecond)}/s, p99 ${hotAlone.p99.toFixed(1)} ms; beside ${count(random.perSecond)}/s random codes ` +
      `${count(hot.perSecond)}/s, p99 ${hot.p99.toFixed(1)} ms.`,
    `Random codes: ${queriesPerSecond.toFixed(0)} queries/s, ${hotLinksEvicted} hot links evicted.`,
  ];
}

const row = (name: string, cells: string[]): string =>
  name.padEnd(26) + cells.map((cell) => cell.padStart(17)).join('');
const count = (value: number): string => Math.round(value).toLocaleString('en');
const mega = (bytes: number): string => (bytes / 1e6).toFixed(0);
