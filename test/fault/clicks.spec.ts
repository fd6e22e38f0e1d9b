import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabaseOn, runMigrationsOn } from '../support/database.js';
import { eventually, follow, TestUser } from '../support/api.js';
import { Load } from '../support/load.js';
import { PostgresCluster } from '../support/postgres-cluster.js';
import { startServer, type TestServer } from '../support/server.js';

const sealedIn = (dataDir: string): string[] =>
  readdirSync(join(dataDir, 'spool'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(open|sealed)$/.test(file),
  );

describe.each(['PostgreSQL', 'the embedded database'])('Clicks on %s', (kind) => {
  let server: TestServer;
  afterEach(() => server.remove());

  it('survive SIGKILL at any moment under load, each exactly once', async () => {
    server = await startServer(kind === 'PostgreSQL' ? {} : { databaseUrl: 'embedded' });
    const user = await TestUser.register(server.url);
    const { id, code } = await user.shorten();
    let answered = 0;
    for (let round = 0; round < 4; round += 1) {
      const load = new Load(server.url, code);
      await sleep(300 + Math.random() * 1_500);
      await server.kill();
      answered += await load.stop();
      await server.start();
    }
    expect(answered).toBeGreaterThan(100);
    const totals = await eventually(
      () => user.totals(id, answered, 10_000),
      ({ clicks }) => clicks >= answered,
      20_000,
    );
    // A click may be on disk although the kill came before its answer was sent: at most one batch a kill.
    expect(totals['clicks']).toBeGreaterThanOrEqual(answered);
    expect(totals['clicks']).toBeLessThanOrEqual(answered + 4 * 8);
    expect((await user.get(`/links/${id}`)).body['clicks']).toBe(totals['clicks']);
  }, 90_000);

  it('survive SIGTERM under load: no request fails, all is stored, exit code 0', async () => {
    server = await startServer(kind === 'PostgreSQL' ? {} : { databaseUrl: 'embedded' });
    const user = await TestUser.register(server.url);
    const { id, code } = await user.shorten();
    const load = new Load(server.url, code);
    await sleep(1_000);
    expect(await server.stop('SIGTERM')).toBe(0);
    const answered = await load.stop();
    expect(load.others).toEqual([]);
    expect(sealedIn(server.dataDir)).toEqual([]);
    await server.start();
    expect((await user.totals(id, answered))['clicks']).toBe(answered);
  }, 60_000);
});

describe('Without PostgreSQL', () => {
  let cluster: PostgresCluster;
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    cluster = await PostgresCluster.start();
    const { url } = await createDatabaseOn(cluster.url);
    await runMigrationsOn(url);
    server = await startServer({ databaseUrl: url });
    user = await TestUser.register(server.url);
  }, 60_000);
  afterAll(async () => {
    await server.remove();
    await cluster.remove();
  });

  it('known links redirect, unknown codes get 503 within a second, and no click is lost', async () => {
    const { id, code } = await user.shorten();
    const { code: cold } = await user.shorten();
    expect((await follow(server.url, code)).status).toBe(302);
    await user.totals(id, 1);
    await cluster.kill();

    const load = new Load(server.url, code);
    await sleep(1_000);
    const askedAt = Date.now();
    const unknown = await follow(server.url, cold);
    expect(Date.now() - askedAt).toBeLessThan(1_000);
    expect([unknown.status, unknown.headers.has('retry-after')]).toEqual([503, true]);
    expect((await follow(server.url, 'never-seen')).status).toBe(503);
    expect((await user.get('/links')).status).toBe(503);
    const live = await fetch(`${server.url}/health/live`);
    const ready = await fetch(`${server.url}/health/ready`);
    expect([live.status, ready.status]).toEqual([200, 200]);
    const health = (await (await fetch(`${server.url}/health`)).json()) as { status: string };
    expect(health.status).toBe('degraded');
    // Longer than any answer is believed without word from the database.
    await sleep(13_000);
    await cluster.start();
    const back = async () => (await follow(server.url, cold)).status;
    expect(await eventually(back, (status) => status === 302, 5_000)).toBe(302);
    const answered = (await load.stop()) + 1;

    expect(load.others).toEqual([]);
    expect(answered).toBeGreaterThan(100);
    expect((await user.totals(id, answered, 10_000))['clicks']).toBe(answered);
  }, 90_000);
});

describe('Two services on one DATA_DIR', () => {
  const servers: TestServer[] = [];
  afterAll(async () => {
    // The second one uses the first one's database and directory.
    for (const server of servers.toReversed()) await server.remove();
  });

  it('share its spool: one ingests, the other takes over when it is killed', async () => {
    const first = await startServer();
    servers.push(first);
    const { databaseUrl, dataDir, jwtSecret } = first;
    const second = await startServer({ databaseUrl, dataDir, env: { JWT_SECRET: jwtSecret } });
    servers.push(second);
    const user = await TestUser.register(second.url);
    const { id, code } = await user.shorten();
    for (let n = 0; n < 20; n += 1) {
      const { status } = await follow(n % 2 === 0 ? first.url : second.url, code);
      expect(status).toBe(302);
    }
    await first.kill();
    for (let n = 0; n < 5; n += 1) await follow(second.url, code);
    expect((await user.totals(id, 25, 10_000))['clicks']).toBe(25);
  }, 60_000);
});
