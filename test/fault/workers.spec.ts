import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, TestUser } from '../support/api.js';
import { Load } from '../support/simple-load.js';
import { startServer, type TestServer } from '../support/server.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';

/** A start takes seconds on a machine that is busy with other tests. */
const UP_WITHIN_MS = 60_000;

/** The processes that have listened so far, by their log. */
function listeners({ log }: TestServer): number[] {
  const pids = log.split('\n').filter((line) => line.includes(' listens on '));
  return pids.map((line) => (JSON.parse(line) as { pid: number }).pid);
}

async function listened(server: TestServer, times: number): Promise<void> {
  const ask = () => Promise.resolve(listeners(server));
  const pids = await eventually(ask, ({ length }) => length >= times, UP_WITHIN_MS);
  expect(pids).toHaveLength(times);
}

async function said(server: TestServer, words: string): Promise<void> {
  const ask = () => Promise.resolve(server.log.includes(words));
  expect(await eventually(ask, Boolean, UP_WITHIN_MS)).toBe(true);
}

/** Refuses as soon as no process is left that listens. */
const isRefused = (url: string): Promise<boolean> =>
  fetch(`${url}/health/live`).then(
    () => false,
    (error: Error) => (error.cause as NodeJS.ErrnoException).code === 'ECONNREFUSED',
  );

const segmentsIn = (dataDir: string): string[] =>
  readdirSync(join(dataDir, 'spool'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(open|sealed)$/.test(file),
  );

async function metricsOf({ url }: TestServer): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

describe('Two workers', () => {
  const directory = new TemporaryDirectory();
  const secretFile = join(directory.path, 'jwt-secret');
  /** Part of the code that a worker runs. */
  const code = join(directory.path, 'code.mjs');
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    writeFileSync(secretFile, randomBytes(32).toString('hex'));
    writeFileSync(code, '');
    const env = {
      WORKERS: '2',
      JWT_SECRET: '',
      JWT_SECRET_FILE: secretFile,
      NODE_OPTIONS: `--import=${code}`,
    };
    server = await startServer({ env });
    await listened(server, 2);
    user = await TestUser.register(server.url);
  }, UP_WITHIN_MS);
  afterAll(async () => {
    await server.remove();
    directory.remove();
  });

  it('are replaced on SIGHUP without a failed request', async () => {
    const { id, code: shortCode } = await user.shorten();
    const load = new Load(server.url, shortCode);
    await sleep(500);
    process.kill(server.pid, 'SIGHUP');
    await said(server, 'All workers are replaced');
    await sleep(200);
    const answered = await load.stop();

    expect([load.errors, load.others]).toEqual([[], []]);
    expect(new Set(listeners(server)).size).toBe(4);
    expect((await user.totals(id, answered, 10_000))['clicks']).toBe(answered);
    const metrics = await metricsOf(server);
    expect(metrics.get('signpost_redirects_total{outcome="redirect"}')).toBe(answered);
    expect(metrics.get('signpost_redirect_duration_seconds_count')).toBe(answered);
    expect(metrics.get('signpost_processes')).toBe(2);
  }, 120_000);

  it('stay when new ones would not come up, and else give way to a new configuration', async () => {
    const pids = listeners(server);
    writeFileSync(secretFile, 'short');
    process.kill(server.pid, 'SIGHUP');
    await said(server, 'The reload is given up: The configuration is not valid');
    writeFileSync(secretFile, randomBytes(32).toString('hex'));
    writeFileSync(code, 'process.exit(7);');
    process.kill(server.pid, 'SIGHUP');
    await said(server, 'ended (7) before it was ready');
    expect(listeners(server)).toEqual(pids);
    expect((await user.get('/auth/me')).status).toBe(200);

    writeFileSync(code, '');
    process.kill(server.pid, 'SIGHUP');
    await listened(server, pids.length + 2);
    const status = async () => (await user.get('/auth/me')).status;
    // Each answer comes from whichever worker is there first.
    expect(await eventually(status, (now) => now === 401, UP_WITHIN_MS)).toBe(401);
    await eventually(
      () => Promise.resolve(server.log.match(/All workers are replaced/g)?.length),
      (times) => times === 2,
      UP_WITHIN_MS,
    );
    expect(await status()).toBe(401);
    user = await TestUser.register(server.url);
  }, 120_000);

  it('leave no click on disk when they are stopped', async () => {
    const { code: shortCode } = await user.shorten();
    const load = new Load(server.url, shortCode);
    await sleep(1_000);
    expect(await server.stop('SIGTERM')).toBe(0);
    const answered = await load.stop();
    expect(answered).toBeGreaterThan(10);
    expect(load.others).toEqual([]);
    expect(segmentsIn(server.dataDir)).toEqual([]);
  }, 120_000);
});

describe('Of two workers', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ env: { WORKERS: '2' } });
    await listened(server, 2);
  }, UP_WITHIN_MS);
  afterAll(() => server.remove());

  it('one that is killed under load is replaced, nobody waits for ever, and no click is lost', async () => {
    const user = await TestUser.register(server.url);
    const { id, code: shortCode } = await user.shorten();
    const load = new Load(server.url, shortCode);
    const kills = 2;
    for (let n = 0; n < kills; n += 1) {
      await sleep(500);
      process.kill(listeners(server)[n]!, 'SIGKILL');
      // Never both of them at once.
      await listened(server, 2 + n + 1);
    }
    const answered = await load.stop();
    expect(load.others).toEqual([]);
    const { clicks } = await user.totals(id, answered, 10_000);
    expect(clicks).toBeGreaterThanOrEqual(answered);
    expect(clicks).toBeLessThanOrEqual(answered + kills * 8);
  }, 120_000);

  it('none is left when SIGTERM comes while one is starting', async () => {
    process.kill(listeners(server).at(-1)!, 'SIGKILL');
    await sleep(400);
    expect(await server.stop('SIGTERM')).toBe(0);
    expect(await isRefused(server.url)).toBe(true);
  }, 120_000);

  it('none is left when their supervisor is killed', async () => {
    await server.start();
    await server.kill();
    expect(await eventually(() => isRefused(server.url), Boolean, 10_000)).toBe(true);
  }, 120_000);
});
