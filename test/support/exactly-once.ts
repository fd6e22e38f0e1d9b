import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import pg from 'pg';
import type { Load } from './load.js';
import type { TestServer } from './server.js';

/** More than an ingester waits for a connection on which nothing comes any more. */
const DRAINED_WITHIN_MS = 60_000;

/** The segments in the spool of the server, whoever has written them; paths below the spool. */
export function segmentsOf({ dataDir }: Pick<TestServer, 'dataDir'>): string[] {
  const files = readdirSync(join(dataDir, 'spool'), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => /\.(open|sealed)$/.test(file));
}

/** Waits until all that was recorded is in the database. Nobody may visit meanwhile. */
export async function untilDrained(server: TestServer): Promise<void> {
  const deadline = Date.now() + DRAINED_WITHIN_MS;
  while (segmentsOf(server).length > 0) {
    if (Date.now() > deadline) {
      throw new Error(`the spool is not empty:\n${segmentsOf(server).join('\n')}\n${server.log}`);
    }
    await sleep(50);
  }
}

/** Runs SQL in the database of the server, past the server. */
export async function query<Row extends pg.QueryResultRow>(
  { databaseUrl, dataDir }: Pick<TestServer, 'databaseUrl' | 'dataDir'>,
  sql: string,
  parameters: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client(
    databaseUrl === undefined
      ? { host: join(dataDir, 'run'), port: 5432, user: 'postgres' }
      : { connectionString: databaseUrl },
  );
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql, parameters)).rows;
  } finally {
    await client.end();
  }
}

/** How often each marker of these visits was stored. */
export async function storedMarkers(
  server: TestServer,
  loads: Load[],
): Promise<Map<string, number>> {
  const rows = await query<{ marker: string; count: number }>(
    server,
    `SELECT utm_campaign AS marker, count(*)::int AS count
     FROM clicks WHERE split_part(utm_campaign, '-', 1) = ANY($1::text[]) GROUP BY 1`,
    [loads.map((load) => load.prefix)],
  );
  return new Map(rows.map(({ marker, count }) => [marker, count]));
}

/**
 * The promise, once all is stored: every visit that was answered is there exactly once; one that
 * was not answered, since the connection broke, at most once; and nothing else.
 */
export async function expectEachOnce(server: TestServer, ...loads: Load[]): Promise<void> {
  await untilDrained(server);
  const stored = await storedMarkers(server, loads);
  const answered = loads.flatMap((load) => [...load.answered]);
  const known = new Set([...answered, ...loads.flatMap((load) => [...load.unanswered])]);
  const wrong = {
    missing: answered.filter((marker) => !stored.has(marker)),
    doubled: [...stored].filter(([, count]) => count > 1),
    unknown: [...stored.keys()].filter((marker) => !known.has(marker)),
  };
  const counts = Object.entries(wrong).map(([what, { length }]) => [what, length] as const);
  // Some of many, so that a failure can be read.
  const some = Object.values(wrong).flatMap((markers) => markers.slice(0, 5).map(String));
  expect([Object.fromEntries(counts), some]).toEqual([{ missing: 0, doubled: 0, unknown: 0 }, []]);
}
