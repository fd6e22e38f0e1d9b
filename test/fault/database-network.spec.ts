import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, follow, TestUser } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { expectEachOnce } from '../support/exactly-once.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { FAULT_RUNS, randomMs } from '../support/fault-runs.js';
import type { Fields } from '../support/http-client.js';
import { Load, p99 } from '../support/load.js';
import { startServer, type TestServer } from '../support/server.js';

/** Longer than the service believes what it has not heard of since. */
const FAULT_MS = Math.min(120_000, 4_000 * FAULT_RUNS);
const BACK_WITHIN_MS = 5_000;

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

  const timed = async <T>(work: Promise<T>): Promise<[T, number]> => {
    const startedAt = performance.now();
    return [await work, performance.now() - startedAt];
  };
  const health = async (path = ''): Promise<[number, Fields]> => {
    const response = await fetch(`${server.url}/health${path}`);
    return [response.status, (await response.json()) as Fields];
  };
  const isHealthy = async () => (await health())[1]['status'] as string;
  const statusOf = async (code: string) => (await follow(server.url, code)).status;

  /** What must hold as long as PostgreSQL cannot be asked. */
  async function expectDegraded(cold: string[]): Promise<void> {
    const until = Date.now() + FAULT_MS;
    let slowest = 0;
    for (let n = 0; Date.now() < until; n += 1) {
      const [answer, ms] = await timed(follow(server.url, cold[n % cold.length]!));
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
      slowest = Math.max(slowest, ms);
      expect((await health('/live'))[0]).toBe(200);
      expect((await health('/ready'))[0]).toBe(200);
      const [status, body] = await health();
      expect([status, body['status']]).toEqual([200, 'degraded']);
      expect(body['checks'].database.status).toBe('down');
      expect(body['checks'].database.reason).toMatch(/PostgreSQL/);
      await sleep(randomMs(700));
    }
    // The promise is a second; what is above is the machine's.
    expect(slowest).toBeLessThan(3_000);
    report(`slowest 503 of a code not known ${slowest.toFixed(0)} ms`);
  }
  const report = (text: string) =>
    process.stdout.write(`  ${expect.getState().currentTestName}: ${text}\n`);

  it.each(['blackhole', 'refuse', 'reset'] as const)(
    '%s: known links redirect, others are 503, and no click is lost or doubled',
    async (fault) => {
      const { code } = await user.shorten();
      const { code: limited } = await user.shorten({ maxClicks: 5 });
      const cold = await Promise.all([1, 2, 3].map(() => user.shorten()));
      expect(await statusOf(limited)).toBe(302);
      load = new Load(server.url, code);
      await load.redirects(200);
      load.latencies.length = 0;
      await proxy.set(fault);
      // The first heartbeat that fails tells /health; until then nobody has noticed.
      await eventually(isHealthy, (status) => status === 'degraded', 10_000);
      await expectDegraded([...cold.map((link) => link['code'] as string), 'never-seen', limited]);
      const slowest = p99(load.latencies);
      await proxy.set('pass');

      const back = await Promise.all([
        timed(
          eventually(
            () => statusOf(cold[0]!['code']),
            (is) => is === 302,
            30_000,
          ),
        ),
        timed(
          eventually(
            async () => (await user.get('/links')).status,
            (is) => is === 200,
            60_000,
          ),
        ),
        timed(eventually(isHealthy, (is) => is === 'healthy', 60_000)),
      ]);
      report(
        `p99 of redirects ${slowest.toFixed(1)} ms of ${load.latencies.length}; back after ${back.map(([, ms]) => `${ms.toFixed(0)} ms`).join(', ')}`,
      );
      await load.stop();
      expect(load.hung).toBe(0);
      expect(load.refusals).toEqual([]);
      expect(load.unanswered.size).toBe(0);
      expect(slowest).toBeLessThan(250);
      await expectEachOnce(server, load);
      for (const [, ms] of back) expect(ms).toBeLessThan(BACK_WITHIN_MS);
    },
    180_000 + FAULT_MS,
  );
});
