import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, follow, health, TestUser } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { expectEachOnce, untilDrained } from '../support/exactly-once.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { FAULT_RUNS, randomMs, report, within } from '../support/fault-runs.js';
import { Load, p99 } from '../support/load.js';
import { startServer, type TestServer } from '../support/server.js';

const FAULT_MS = Math.min(120_000, 2_000 * FAULT_RUNS);
/** Longer than what was heard last is believed, so that it is served although it may be stale. */
const BLACKHOLE_MS = Math.max(10_500, FAULT_MS);
const BACK_WITHIN_MS = 5_000;
/** Who is redirected sooner has not waited for PostgreSQL: a lookup gives up after 450 ms. */
const NOT_ASKED_MS = 400;
/** The pool has ten connections. */
const MORE_THAN_THE_POOL = 12;

describe('Between the service and PostgreSQL', () => {
  let database: TestDatabase;
  let proxy: FaultProxy;
  let server: TestServer;
  let user: TestUser;
  let load: Load;

  beforeAll(async () => {
    database = await createDatabase();
    proxy = await FaultProxy.to(database.url);
    server = await startServer({ databaseUrl: proxy.url });
    user = await TestUser.register(server.url);
  }, 60_000);
  afterEach(async () => {
    await load.stop();
    await proxy.set('pass');
  });
  afterAll(async () => {
    await server.remove();
    await proxy.close();
    await database.drop();
  });

  const timed = async <T>(work: () => Promise<T>): Promise<[answer: T, ms: number]> => {
    const startedAt = performance.now();
    return [await work(), performance.now() - startedAt];
  };
  const databaseStatus = async (): Promise<string> =>
    (await health(server.url))[1]['checks'].database.status;
  const statuses = (path: string, times: number) =>
    Promise.all(Array.from({ length: times }, async () => (await user.get(path)).status));
  const listLinks = (times: number) => statuses('/links', times);

  /** Asks for codes that are not known until the time is over; returns what the slowest took, in ms. */
  async function expectUnavailable(codes: string[], faultMs: number): Promise<number> {
    let slowest = 0;
    const until = Date.now() + faultMs;
    for (let n = 0; Date.now() < until; n += 1) {
      const [answer, ms] = await timed(() => follow(server.url, codes[n % codes.length]!));
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
      slowest = Math.max(slowest, ms);
      expect((await health(server.url, '/live'))[0]).toBe(200);
      expect((await health(server.url, '/ready'))[0]).toBe(200);
      const [status, body] = await health(server.url);
      expect([status, body['status']]).toEqual([200, 'degraded']);
      expect(body['checks'].database).toMatchObject({
        status: 'down',
        reason: expect.stringMatching(/^PostgreSQL does not answer/),
      });
      await sleep(randomMs(700));
    }
    return slowest;
  }

  it.each(['blackhole', 'refuse', 'reset'] as const)(
    '%s: known links redirect, others get 503, and every click is stored once',
    async (fault) => {
      const [known, ...others] = await Promise.all([1, 2, 3, 4].map(() => user.shorten()));
      const limited = await user.shorten({ maxClicks: 1_000 });
      expect((await follow(server.url, limited['code'])).status).toBe(302);
      // Reports are read on a thread with connections of its own.
      const readReports = () => statuses(`/links/${known!['id']}/stats`, 3);
      expect(new Set(await readReports())).toEqual(new Set([200]));
      load = new Load(server.url, known!['code']);
      await load.redirects(200);
      await proxy.set(fault);
      const lost = listLinks(MORE_THAN_THE_POOL);
      await eventually(databaseStatus, (status) => status === 'down', 10_000);
      load.latencies.length = 0;
      const codes = [...others, limited].map((link) => link['code'] as string);
      const slowest = await expectUnavailable(
        [...codes, 'never-seen'],
        fault === 'blackhole' ? BLACKHOLE_MS : FAULT_MS,
      );
      report(`the slowest 503 took ${slowest.toFixed(0)} ms`);
      report(`p99 of ${load.latencies.length} redirects: ${p99(load.latencies).toFixed(1)} ms`);
      expect(slowest).toBeLessThan(within(1_000, 3_000));
      expect(p99(load.latencies)).toBeLessThan(within(20, NOT_ASKED_MS));

      await proxy.set('pass');
      const [, back] = await timed(async () => {
        const codeStatus = async () => (await follow(server.url, codes[0]!)).status;
        await eventually(codeStatus, (status) => status === 302, 30_000);
        await eventually(databaseStatus, (status) => status === 'up', 30_000);
      });
      report(`back after ${back.toFixed(0)} ms`);
      expect(back).toBeLessThan(BACK_WITHIN_MS);
      expect(new Set(await lost)).toEqual(new Set([503]));
      expect(new Set(await listLinks(MORE_THAN_THE_POOL))).toEqual(new Set([200]));
      expect(new Set(await readReports())).toEqual(new Set([200]));
      await load.stop();
      expect(load.failures).toEqual([]);
      const [, stored] = await timed(() => untilDrained(server));
      report(`every click stored after ${stored.toFixed(0)} ms more`);
      await expectEachOnce(server, load);
    },
    180_000 + BLACKHOLE_MS,
  );

  it('delay: everything works, and who is known does not wait', async () => {
    const { code } = await user.shorten();
    const { code: cold } = await user.shorten();
    load = new Load(server.url, code);
    await load.redirects(200);
    await proxy.set({ delayMs: 50 });
    const asked = load.redirects(500);
    expect((await follow(server.url, cold)).status).toBe(302);
    expect(await listLinks(MORE_THAN_THE_POOL)).not.toContain(503);
    await asked;
    await load.stop();
    expect(load.failures).toEqual([]);
    await expectEachOnce(server, load);
  }, 90_000);
});
