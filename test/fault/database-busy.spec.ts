import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { eventually, follow, health, TestUser } from '../support/api.js';
import { expectEachOnce, query } from '../support/exactly-once.js';
import { Load, p99 } from '../support/load.js';
import { report } from '../support/fault-runs.js';
import { startServer, type TestServer } from '../support/server.js';

/** Who is redirected sooner has not waited for PostgreSQL: a lookup gives up after 450 ms. */
const NOT_ASKED_MS = 400;
const POOL = 10;
const MORE_THAN_THE_POOL = 15;

describe('With every connection of the API stuck in a slow query', () => {
  let server: TestServer;
  let user: TestUser;
  let blocker: pg.Client;
  let load: Load;

  beforeAll(async () => {
    server = await startServer();
    user = await TestUser.register(server.url);
    blocker = new pg.Client({ connectionString: server.databaseUrl });
    await blocker.connect();
  }, 60_000);
  afterEach(async () => {
    await blocker.query('ROLLBACK');
    await load.stop();
  });
  afterAll(async () => {
    await blocker.end();
    await server.remove();
  });

  /** Holds up whoever reads the table, and sends in more requests than there are connections. */
  async function occupy(table: string): Promise<Promise<number>[]> {
    await blocker.query('BEGIN');
    await blocker.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    const stuck = Array.from(
      { length: MORE_THAN_THE_POOL },
      async () => (await user.get('/links')).status,
    );
    // Not asked by the blocker: within a transaction the answer stays what it was.
    const waiting = () =>
      query(
        server,
        `SELECT FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'signpost'
           AND wait_event_type = 'Lock'`,
      );
    await eventually(waiting, ({ length }) => length >= POOL, 5_000);
    return stuck;
  }

  const expectDegraded = async () => {
    const [status, body] = await health(server.url);
    expect([status, body['status']]).toEqual([200, 'degraded']);
    expect(body['checks'].database.reason).toContain('all connections of the pool are busy');
    expect((await health(server.url, '/live'))[0]).toBe(200);
    expect((await health(server.url, '/ready'))[0]).toBe(200);
  };

  const expectUnharmed = async (stuck: Promise<number>[]) => {
    await blocker.query('ROLLBACK');
    expect(await Promise.all(stuck)).toContain(200);
    const list = async () => (await user.get('/links')).status;
    expect(await eventually(list, (status) => status === 200, 5_000)).toBe(200);
    await load.stop();
    report(`p99 of ${load.latencies.length} redirects: ${p99(load.latencies).toFixed(1)} ms`);
    expect(load.failures).toEqual([]);
    expect(p99(load.latencies)).toBeLessThan(NOT_ASKED_MS);
    await expectEachOnce(server, load);
  };

  it('links redirect, also those that have to be looked up', async () => {
    const { code } = await user.shorten();
    const { code: cold } = await user.shorten();
    load = new Load(server.url, code);
    await load.redirects(100);
    const stuck = await occupy('workspace_members');
    await expectDegraded();
    expect((await follow(server.url, cold)).status).toBe(302);
    expect((await follow(server.url, 'never-seen')).status).toBe(404);
    await load.redirects(500);
    await expectUnharmed(stuck);
  }, 60_000);

  it('and the links locked, too: known ones redirect, others get 503', async () => {
    const { code } = await user.shorten();
    const { code: cold } = await user.shorten();
    load = new Load(server.url, code);
    await load.redirects(100);
    const stuck = await occupy('links');
    await expectDegraded();
    for (const unknown of [cold, 'never-seen-2']) {
      const { status, headers } = await follow(server.url, unknown);
      expect([status, headers.get('retry-after')]).toEqual([503, '2']);
    }
    await load.redirects(500);
    await expectUnharmed(stuck);
  }, 60_000);
});
