import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { eventually, follow, health, TestUser } from '../support/api.js';
import { expectEachOnce, query } from '../support/exactly-once.js';
import { FAULT_RUNS, randomMs } from '../support/fault-runs.js';
import type { Fields } from '../support/http-client.js';
import { Load } from '../support/load.js';
import { PostgresCluster } from '../support/postgres-cluster.js';
import { startServer, type TestServer } from '../support/server.js';

const OUTAGE_MS = Math.min(120_000, 3_000 * FAULT_RUNS);
const BACK_WITHIN_MS = 5_000;

describe('When PostgreSQL ends under load', () => {
  let cluster: PostgresCluster;
  let server: TestServer;
  let user: TestUser;
  let link: Fields;
  let load: Load;

  beforeAll(async () => {
    cluster = await PostgresCluster.start();
    server = await startServer({ databaseUrl: cluster.url, env: { MIGRATE_ON_START: 'true' } });
    user = await TestUser.register(server.url);
    link = await user.shorten();
  }, 60_000);
  afterEach(() => load.stop());
  afterAll(async () => {
    await server.remove();
    await cluster.remove();
  });

  async function expectUnharmed(): Promise<void> {
    const list = async () => (await user.get('/links')).status;
    expect(await eventually(list, (status) => status === 200, BACK_WITHIN_MS)).toBe(200);
    await load.stop();
    expect(load.failures).toEqual([]);
    await expectEachOnce(server, load);
  }

  it('killed in the middle of a transaction of the ingester: no click is lost or doubled', async () => {
    load = new Load(server.url, link['code']);
    const blocker = new pg.Client({ connectionString: cluster.url });
    blocker.on('error', () => undefined);
    await blocker.connect();
    await blocker.query('BEGIN');
    // Nobody can insert clicks: the ingester has begun, and waits.
    await blocker.query('LOCK TABLE clicks IN SHARE MODE');
    const stuck = () =>
      query(
        server,
        `SELECT FROM pg_stat_activity
         WHERE application_name = 'signpost-ingest' AND wait_event_type = 'Lock'
           AND xact_start < query_start`,
      );
    expect(await eventually(stuck, ({ length }) => length === 1, 20_000)).toHaveLength(1);
    await cluster.kill();
    await load.redirects(200);
    await cluster.start();
    await expectUnharmed();
  }, 90_000);

  it(
    'killed at any moment: no click is lost or doubled',
    async () => {
      load = new Load(server.url, link['code']);
      for (let run = 0; run < FAULT_RUNS; run += 1) {
        await load.redirects(100);
        await sleep(randomMs(2_000));
        await cluster.kill();
        await sleep(randomMs(500));
        await cluster.start();
      }
      await expectUnharmed();
      const [stored] = await query<{ count: number }>(
        server,
        'SELECT count(*)::int AS count FROM clicks WHERE link_id = $1',
        [link['id']],
      );
      expect((await user.totals(link['id'], stored!.count))['clicks']).toBe(stored!.count);
    },
    60_000 + FAULT_RUNS * 15_000,
  );

  it(
    'stopped for long: known links redirect, others get 503, and no click is lost or doubled',
    async () => {
      const { code: cold } = await user.shorten();
      load = new Load(server.url, link['code']);
      await load.redirects(100);
      await cluster.stop();
      const until = Date.now() + OUTAGE_MS;
      while (Date.now() < until) {
        for (const code of [cold, 'never-seen']) {
          const { status, headers } = await follow(server.url, code);
          expect([status, headers.get('retry-after')]).toEqual([503, '2']);
        }
        expect((await user.get('/links')).status).toBe(503);
        const [, body] = await health(server.url);
        expect([body['status'], body['checks'].database.status]).toEqual(['degraded', 'down']);
        expect((await health(server.url, '/live'))[0]).toBe(200);
        expect((await health(server.url, '/ready'))[0]).toBe(200);
        await sleep(randomMs(1_000));
      }
      await cluster.start();
      const answer = async () => (await follow(server.url, cold)).status;
      expect(await eventually(answer, (status) => status === 302, BACK_WITHIN_MS)).toBe(302);
      await expectUnharmed();
    },
    90_000 + OUTAGE_MS,
  );
});
