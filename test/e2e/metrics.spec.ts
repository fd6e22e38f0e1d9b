import { afterEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { eventually, health, TestUser } from '../support/api.js';
import { createDatabase } from '../support/database.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { metric } from '../support/metrics.js';
import { startServer, type ServerOptions, type TestServer } from '../support/server.js';

/** After which nobody believes that nothing waits because nothing is told. */
const SILENCE_SECONDS = 10;

describe('Whoever sees only the metrics', () => {
  const cleanUp: (() => Promise<void>)[] = [];
  let server: TestServer;
  afterEach(async () => {
    for (const step of cleanUp.splice(0).toReversed()) await step();
  });

  async function start(options: ServerOptions): Promise<void> {
    server = await startServer(options);
    cleanUp.push(() => server.remove());
  }
  const value = (name: string) => metric(server.url, name);
  const until = async (name: string, wanted: number) =>
    expect(
      await eventually(
        () => value(name),
        (found) => found === wanted,
        15_000,
      ),
    ).toBe(wanted);

  it('knows that the database is away, which makes nobody unready, and that it is back', async () => {
    const database = await createDatabase();
    cleanUp.push(() => database.drop());
    const proxy = await FaultProxy.to(database.url);
    cleanUp.push(() => proxy.close());
    await start({ databaseUrl: proxy.url });
    await until('signpost_database_up', 1);
    await proxy.set('blackhole');
    await until('signpost_database_up', 0);
    expect(await value('signpost_ready')).toBe(1);
    await proxy.set('pass');
    await until('signpost_database_up', 1);
  }, 60_000);

  it('knows that migrations are missing', async () => {
    const database = await createDatabase('empty');
    cleanUp.push(() => database.drop());
    const env = { MIGRATE_ON_START: 'false' };
    await start({ databaseUrl: database.url, env, until: 'live' });
    expect([await value('signpost_ready'), await value('signpost_database_up')]).toEqual([0, 0]);
  });

  it('knows of all workers', async () => {
    await start({ env: { WORKERS: '2' } });
    await until('signpost_ready', 2);
    expect([await value('signpost_processes'), await value('signpost_database_up')]).toEqual([
      2, 1,
    ]);
  }, 60_000);

  it('knows what the API answers, and how much room the spool has', async () => {
    await start({});
    expect(await value('signpost_api_requests_total{status="500"}')).toBe(0);
    const user = await TestUser.register(server.url);
    await user.shorten();
    await fetch(`${server.url}/api/v1/links`);
    await health(server.url);
    expect(await value('signpost_api_requests_total{status="201"}')).toBe(2);
    expect(await value('signpost_api_requests_total{status="401"}')).toBe(1);
    const [free, all] = [
      await value('signpost_spool_disk_free_bytes'),
      await value('signpost_spool_disk_bytes'),
    ];
    expect([free > 0, free <= all]).toEqual([true, true]);
  });

  it('knows that nobody ingests, although nobody is there who could tell of waiting clicks', async () => {
    const noMmdb = join(import.meta.dirname, 'metrics.spec.ts');
    await start({ env: { GEOIP_DATABASE: noMmdb } });
    const age = () => value('signpost_spool_age_seconds');
    const seen = await eventually(age, (seconds) => seconds > SILENCE_SECONDS, 30_000);
    expect(seen).toBeGreaterThan(SILENCE_SECONDS);
    expect((await health(server.url))[1]['checks'].ingestion.status).toBe('degraded');
  }, 60_000);
});
