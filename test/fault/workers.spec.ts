import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ingesterLock, spoolRoot } from '../../src/analytics/common/spool-format.js';
import { SocketLock } from '../../src/common/socket-lock.js';
import { eventually, follow, TestUser } from '../support/api.js';
import { expectEachOnce, segmentsOf } from '../support/exactly-once.js';
import { Load } from '../support/load.js';
import { metric } from '../support/metrics.js';
import { startServer, type TestServer } from '../support/server.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';

/** A start takes seconds on a machine that is busy with other tests. */
const UP_WITHIN_MS = 60_000;

/** The processes that have listened so far, by their log. */
function listeners({ log }: TestServer): number[] {
  const lines = log.split('\n').filter((line) => line.includes(' listens on '));
  return lines.map((line) => (JSON.parse(line) as { pid: number }).pid);
}

async function listened(server: TestServer, times: number): Promise<void> {
  const ask = () => Promise.resolve(listeners(server));
  expect(await eventually(ask, ({ length }) => length >= times, UP_WITHIN_MS)).toHaveLength(times);
}

async function said(server: TestServer, words: string, times = 1): Promise<void> {
  const ask = () => Promise.resolve(server.log.split(words).length - 1);
  expect(await eventually(ask, (count) => count >= times, UP_WITHIN_MS)).toBe(times);
}

/** Waits until no process is left that listens. */
async function expectRefusal({ url }: TestServer): Promise<void> {
  const ask = () =>
    fetch(`${url}/health/live`).then(
      () => 'an answer',
      (error: Error) => (error.cause as NodeJS.ErrnoException).code,
    );
  const isRefused = (answer: string | undefined) => answer === 'ECONNREFUSED';
  expect(await eventually(ask, isRefused, 10_000)).toBe('ECONNREFUSED');
}

/** Visitors of both kinds: those who keep their connections, and those who come on new ones. */
function visit({ url }: TestServer, code: unknown): Load[] {
  return [true, false].map((keepAlive) => new Load(url, String(code), { clients: 4, keepAlive }));
}

async function stop(loads: Load[]): Promise<void> {
  await Promise.all(loads.map((load) => load.stop()));
  expect(loads.map(({ hung, refusals }) => [hung, refusals])).toEqual(loads.map(() => [0, []]));
}

describe('Two workers', () => {
  const directory = new TemporaryDirectory();
  const secretFile = join(directory.path, 'jwt-secret');
  /** A part of the code that they run. */
  const codeFile = join(directory.path, 'code.mjs');
  const isAuthenticated = async () => (await user.get('/auth/me')).status === 200;
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    writeFileSync(secretFile, randomBytes(32).toString('hex'));
    writeFileSync(codeFile, '');
    const env = {
      WORKERS: '2',
      JWT_SECRET: '',
      JWT_SECRET_FILE: secretFile,
      NODE_OPTIONS: `--import=${codeFile}`,
    };
    server = await startServer({ env });
    await listened(server, 2);
    user = await TestUser.register(server.url);
  }, UP_WITHIN_MS);
  afterAll(async () => {
    await server.remove();
    directory.remove();
  });

  it('are replaced on SIGHUP without a failed request, and go on counting', async () => {
    const { code } = await user.shorten();
    const loads = visit(server, code);
    await Promise.all(loads.map((load) => load.redirects(100)));
    process.kill(server.pid, 'SIGHUP');
    await said(server, 'All workers are replaced');
    await Promise.all(loads.map((load) => load.redirects(100)));
    await stop(loads);

    expect(loads.map((load) => [load.unanswered.size, load.notListening])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(new Set(listeners(server)).size).toBe(4);
    await expectEachOnce(server, ...loads);
    const answered = loads.reduce((sum, load) => sum + load.answered.size, 0);
    expect(await metric(server.url, 'signpost_redirect_duration_seconds_count')).toBe(answered);
    expect(await metric(server.url, 'signpost_clicks_recorded_total')).toBe(answered);
    expect(await metric(server.url, 'signpost_processes')).toBe(2);
  }, 120_000);

  it('stay when new ones would not come up, and else give way to a new configuration', async () => {
    const pids = listeners(server);
    writeFileSync(secretFile, 'short');
    process.kill(server.pid, 'SIGHUP');
    await said(server, 'The reload is given up: The configuration is not valid');
    writeFileSync(secretFile, randomBytes(32).toString('hex'));
    writeFileSync(codeFile, 'process.exit(7);');
    process.kill(server.pid, 'SIGHUP');
    await said(server, 'ended (7) before it was ready');
    expect(listeners(server)).toEqual(pids);
    expect(await isAuthenticated()).toBe(true);

    writeFileSync(codeFile, '');
    process.kill(server.pid, 'SIGHUP');
    await said(server, 'All workers are replaced', 2);
    expect(await isAuthenticated()).toBe(false);
  }, 120_000);

  it('leave no click on disk when they are stopped', async () => {
    user = await TestUser.register(server.url);
    const { code } = await user.shorten();
    const loads = visit(server, code);
    await Promise.all(loads.map((load) => load.redirects(100)));
    expect(await server.stop('SIGTERM')).toBe(0);
    await stop(loads);
    expect(segmentsOf(server)).toEqual([]);
    await expectEachOnce(server, ...loads);
  }, 120_000);
});

describe('Of two workers', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ env: { WORKERS: '2' } });
    await listened(server, 2);
  }, UP_WITHIN_MS);
  afterAll(() => server.remove());

  it('one that is killed under load is replaced; nobody waits for ever, no click is lost', async () => {
    const user = await TestUser.register(server.url);
    const { code } = await user.shorten();
    const loads = visit(server, code);
    for (let kills = 0; kills < 2; kills += 1) {
      await Promise.all(loads.map((load) => load.redirects(100)));
      process.kill(listeners(server)[kills]!, 'SIGKILL');
      // Never both of them at once.
      await listened(server, 2 + kills + 1);
    }
    await stop(loads);
    await expectEachOnce(server, ...loads);
  }, 120_000);

  it('none is left when SIGTERM comes while one is starting', async () => {
    process.kill(listeners(server).at(-1)!, 'SIGKILL');
    await said(server, 'a new one starts in', 3);
    await sleep(400);
    expect(await server.stop('SIGTERM')).toBe(0);
    await expectRefusal(server);
  }, 120_000);

  it('none is left when their supervisor is killed', async () => {
    await server.start();
    await server.kill();
    await expectRefusal(server);
  }, 120_000);
});

describe('A process that does not ingest itself', () => {
  const directory = new TemporaryDirectory();
  let server: TestServer;
  afterAll(async () => {
    await server.remove();
    directory.remove();
  });

  it('is not gone before its clicks are ingested, if need be by itself', async () => {
    const dataDir = join(directory.path, 'data');
    mkdirSync(spoolRoot(dataDir), { recursive: true });
    const ingester = await SocketLock.acquire(ingesterLock(spoolRoot(dataDir)));
    server = await startServer({ dataDir });
    const user = await TestUser.register(server.url);
    const { code } = await user.shorten();
    expect((await follow(server.url, String(code))).status).toBe(302);
    const stopped = server.stop('SIGTERM');
    await expectRefusal(server);
    await sleep(500);
    expect(segmentsOf(server)).toHaveLength(1);
    await ingester!.release();
    expect(await stopped).toBe(0);
    expect(segmentsOf(server)).toEqual([]);
  }, 120_000);
});
