import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, TestUser } from '../support/api.js';
import { query } from '../support/exactly-once.js';
import { FAULT_RUNS, randomMs } from '../support/fault-runs.js';
import type { Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const FILE = { 'content-type': 'application/octet-stream' };

describe('An import', () => {
  const servers: TestServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0).toReversed()) await server.remove();
  });

  /** Every other link without a code: nothing but the import itself knows that it was made already. */
  const fileOf = (links: number): string =>
    Array.from(
      { length: links },
      (_, index) => `https://example.com/${index}${index % 2 ? '' : ` code-${index}`}`,
    ).join('\n');
  const begin = async (user: TestUser, file: string): Promise<string> => {
    const workspace = (await user.get('/workspaces')).body['items'][0]['id'] as string;
    const { status, body } = await user.post(`/workspaces/${workspace}/imports`, file, FILE);
    expect(status).toBe(202);
    return `/workspaces/${workspace}/imports/${body['id']}`;
  };
  const progress = async (user: TestUser, path: string): Promise<Fields> =>
    (await user.get(path)).body['progress'];
  const isOver = (user: TestUser, path: string): Promise<Fields> =>
    eventually(
      async () => (await user.get(path)).body,
      ({ status }) => status !== 'queued' && status !== 'running',
      120_000,
    );

  async function expectEachOnce(server: TestServer, links: number): Promise<void> {
    const [made] = await query<Fields>(
      server,
      `SELECT count(*)::int AS links, count(DISTINCT url)::int AS urls,
         (SELECT count(*)::int FROM audit_events WHERE action = 'link.created') AS events,
         (SELECT count(DISTINCT link_id)::int FROM import_records) AS records,
         (SELECT count(*)::int FROM import_chunks) AS chunks
       FROM links`,
      [],
    );
    expect(made).toEqual({ links, urls: links, events: links, records: links, chunks: 0 });
  }

  it.each([
    ['PostgreSQL', undefined],
    ['the embedded database', 'embedded'],
  ])(
    'on %s survives SIGKILL at any moment, and makes each link once',
    async (_name, databaseUrl) => {
      const links = 4_000;
      const server = await startServer({ databaseUrl });
      servers.push(server);
      const user = await TestUser.register(server.url);
      const path = await begin(user, fileOf(links));
      for (let run = 0; run < Math.min(FAULT_RUNS, 3); run += 1) {
        const before = (await progress(user, path))['read'] as number;
        await eventually(
          () => progress(user, path),
          ({ read }) => read > before,
          60_000,
        );
        await sleep(randomMs(300));
        await server.kill();
        await server.start();
      }
      expect(await isOver(user, path)).toMatchObject({
        status: 'done',
        progress: { read: links, total: links, created: links, skipped: 0, failed: 0 },
      });
      if (!databaseUrl) await expectEachOnce(server, links);
    },
    240_000,
  );

  it('goes on in another process when its own is killed, and at once when that is stopped', async () => {
    const links = 6_000;
    const first = await startServer();
    servers.push(first);
    const { databaseUrl, jwtSecret } = first;
    const user = await TestUser.register(first.url);
    const path = await begin(user, fileOf(links));
    await eventually(
      () => progress(user, path),
      ({ read }) => read > 0,
      60_000,
    );
    const second = await startServer({ databaseUrl, env: { JWT_SECRET: jwtSecret } });
    servers.push(second);
    const before = (await progress(user, path))['read'] as number;
    expect(before).toBeLessThan(links);
    await first.stop();
    const client = await TestUser.register(second.url);
    const token = Object.assign(client, { token: user.token });
    expect(
      await eventually(
        () => progress(token, path),
        ({ read }) => read > before + 200,
        15_000,
      ),
    ).toMatchObject({ failed: 0 });
    await first.start();
    await second.kill();
    expect(await isOver(user, path)).toMatchObject({
      status: 'done',
      progress: { created: links },
    });
    await expectEachOnce(first, links);
  }, 240_000);

  it('that is cancelled stops, and keeps what it has made', async () => {
    const server = await startServer();
    servers.push(server);
    const user = await TestUser.register(server.url);
    const path = await begin(user, fileOf(5_000));
    await eventually(
      () => progress(user, path),
      ({ read }) => read > 0,
      60_000,
    );
    expect((await user.delete(path)).status).toBe(204);
    const { status, progress: last } = (await user.get(path)).body;
    expect(status).toBe('cancelled');
    await sleep(500);
    const [{ links, records, chunks } = {}] = await query<Fields>(
      server,
      'SELECT (SELECT count(*)::int FROM links) AS links, (SELECT count(*)::int FROM import_records) AS records, (SELECT count(*)::int FROM import_chunks) AS chunks',
      [],
    );
    expect([links, records, chunks]).toEqual([last.created, last.read, 0]);
    expect(last.read).toBeLessThan(5_000);
  }, 120_000);

  it.each([
    ['arrays without end', () => `[${'[],'.repeat(16_000_000)}[]]`],
    ['a quote without end', () => `code,url\n"${'x,'.repeat(24_000_000)}`],
    ['rows of nothing', () => `INSERT INTO yourls_url VALUES ${'(),'.repeat(16_000_000)}`],
  ])(
    'of %s neither ends the service nor keeps visitors waiting',
    async (_name, hostile) => {
      const server = await startServer();
      servers.push(server);
      const user = await TestUser.register(server.url);
      const { code } = await user.shorten();
      const path = await begin(user, hostile());
      let worst = 0;
      const waiting = new AbortController();
      const visits = (async () => {
        while (!waiting.signal.aborted) {
          const before = performance.now();
          await fetch(`${server.url}/${code}`, { redirect: 'manual' });
          worst = Math.max(worst, performance.now() - before);
          await sleep(20);
        }
      })();
      const { pid } = server;
      const over = await isOver(user, path);
      waiting.abort();
      await visits;
      expect(server.pid).toBe(pid);
      expect(over['progress']['created']).toBe(0);
      expect(worst).toBeLessThan(2_000);
    },
    240_000,
  );
});
