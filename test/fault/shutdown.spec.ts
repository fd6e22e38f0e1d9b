import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { eventually, health, TestUser } from '../support/api.js';
import { expectEachOnce, query, segmentsOf } from '../support/exactly-once.js';
import { FAULT_RUNS, randomMs, report, within } from '../support/fault-runs.js';
import { Load } from '../support/load.js';
import { startServer, type TestServer } from '../support/server.js';

const GRACE_SECONDS = 25;

/** A session that holds this lock until it ends. */
async function locked(server: TestServer, lock: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  await client.query('BEGIN');
  await client.query(`LOCK TABLE ${lock}`);
  return client;
}

describe.each([
  ['PostgreSQL', undefined],
  ['the embedded database', 'embedded'],
])('SIGTERM under load, on %s', (_name, databaseUrl) => {
  let server: TestServer;
  afterEach(() => server.remove());

  it('fails readiness, then no request, stores every click and ends with 0', async () => {
    server = await startServer({ databaseUrl, env: { SHUTDOWN_DELAY_SECONDS: '3' } });
    const user = await TestUser.register(server.url);
    const { code } = await user.shorten();
    const load = new Load(server.url, code);
    const kept = new Load(server.url, code, { leaveWhenTold: true });
    await Promise.all([load.redirects(500), kept.redirects(500)]);
    const startedAt = Date.now();
    const ended = server.stop('SIGTERM');
    // A load balancer: it stops sending visitors when it sees that the service is not ready.
    const ready = async () => (await health(server.url, '/ready'))[0];
    expect(await eventually(ready, (status) => status === 503, within(1_000, 2_500))).toBe(503);
    report(`not ready ${Date.now() - startedAt} ms after SIGTERM`);
    await load.stop();
    // Others keep their connections until the service closes them.
    await kept.left();
    expect(load.failures).toEqual([]);
    expect(kept.failures).toEqual([]);
    expect(await ended).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(GRACE_SECONDS * 1_000);
    expect(segmentsOf(server)).toEqual([]);
    await server.start();
    await expectEachOnce(server, load, kept);
  }, 90_000);
});

describe('SIGTERM', () => {
  let server: TestServer;
  afterEach(() => server.remove());

  it('lets the requests under way finish, and loses no click of visitors who do not stop', async () => {
    server = await startServer();
    const user = await TestUser.register(server.url);
    const { code } = await user.shorten();
    const load = new Load(server.url, code);
    await load.redirects(500);
    const blocker = await locked(server, 'links IN ACCESS EXCLUSIVE MODE');
    const slow = user.get('/links');
    const waiting = () =>
      query(
        server,
        `SELECT FROM pg_stat_activity WHERE application_name = 'signpost' AND wait_event_type = 'Lock'`,
      );
    expect(await eventually(waiting, ({ length }) => length === 1, 5_000)).toHaveLength(1);
    const ended = server.stop('SIGTERM');
    await eventually(
      () => Promise.resolve(load.notListening),
      (count) => count > 0,
      5_000,
    );
    await blocker.end();
    expect((await slow).status).toBe(200);
    expect(await ended).toBe(0);
    await load.stop();
    expect([load.refusals, load.hung]).toEqual([[], 0]);
    report(
      `${load.unanswered.size} of ${load.answered.size} visits came while the port was closing`,
    );
    expect(segmentsOf(server)).toEqual([]);
    await server.start();
    await expectEachOnce(server, load);
  }, 90_000);

  it(
    'ends at once when it is told twice, and the next start stores what is left',
    async () => {
      server = await startServer();
      const user = await TestUser.register(server.url);
      const { code } = await user.shorten();
      const load = new Load(server.url, code);
      for (let run = 0; run < FAULT_RUNS; run += 1) {
        await load.redirects(200);
        // Nothing can be stored, so that the first one alone would take the whole grace period.
        const blocker = await locked(server, 'clicks IN SHARE MODE');
        await load.redirects(200);
        const ended = server.stop('SIGTERM');
        // Sooner, it is taken for the same Ctrl-C.
        await sleep(250 + randomMs(1_000));
        const toldTwiceAt = Date.now();
        server.signal('SIGTERM');
        expect(await ended).toBe(143);
        expect(Date.now() - toldTwiceAt).toBeLessThan(5_000);
        await blocker.end();
        await server.start();
      }
      await load.redirects(200);
      await load.stop();
      expect(load.hung).toBe(0);
      await expectEachOnce(server, load);
    },
    60_000 + FAULT_RUNS * 15_000,
  );
});
