import { createServer, type AddressInfo, type Server } from 'node:net';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { follow, TestUser } from '../support/api.js';
import { Boot, canBePid1 } from '../support/boot.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { LAUNCHER, signpost } from '../support/environment.js';
import { FAULT_RUNS, randomMs, report, within } from '../support/fault-runs.js';
import { freePort } from '../support/free-port.js';
import { startServer } from '../support/server.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';

const MOMENTS = FAULT_RUNS * 3;
const SERVE = [process.execPath, ...signpost('serve')];

describe('SIGTERM while the service starts', () => {
  let directory: TemporaryDirectory;
  let dataDir: string;
  let port: string;
  let boot: Boot;
  let database: TestDatabase;
  /** Takes connections, and never says anything. */
  let silent: Server;

  beforeAll(async () => {
    database = await createDatabase('empty');
    silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
  });
  beforeEach(async () => {
    directory = new TemporaryDirectory();
    dataDir = join(directory.path, 'data');
    port = String(await freePort());
  });
  afterEach(() => {
    boot.kill();
    directory.remove();
  });
  afterAll(async () => {
    silent.close();
    await database.drop();
  });

  const silentUrl = () =>
    `postgres://nobody@127.0.0.1:${(silent.address() as AddressInfo).port}/none`;

  /** Ends it by this signal to this process; resolves with how it ended, and after how long. */
  async function stop(
    signal: NodeJS.Signals = 'SIGTERM',
    pid = boot.pid,
  ): Promise<[end: number | string | null, ms: number]> {
    const toldAt = performance.now();
    process.kill(pid, signal);
    const end = await boot.ended();
    return [end, performance.now() - toldAt];
  }

  it.each([
    ['the embedded database, and its data stay usable', {}],
    ['migrations', { DATABASE_URL: () => database.url }],
    ['a database that does not answer', { DATABASE_URL: silentUrl }],
    ['two workers', { DATABASE_URL: () => database.url, WORKERS: '2' }],
  ])(
    'ends it soon and with 0 at any moment of %s',
    async (_name, settings: { DATABASE_URL?: () => string; WORKERS?: string }) => {
      const env = {
        ...settings,
        DATABASE_URL: settings.DATABASE_URL?.(),
        DATA_DIR: dataDir,
        PORT: port,
      };
      const times: number[] = [];
      for (let run = 0; run < MOMENTS; run += 1) {
        boot = Boot.begin(SERVE, env);
        await boot.handlesSigterm();
        await sleep(randomMs(1_500));
        const [end, ms] = await stop(run % 2 === 0 ? 'SIGTERM' : 'SIGINT');
        expect([end, boot.output]).toEqual([0, boot.output]);
        expect(boot.isAnyLeft).toBe(false);
        times.push(ms);
      }
      report(`the longest of ${MOMENTS} took ${Math.max(...times).toFixed()} ms`);
      expect(Math.max(...times)).toBeLessThan(within(3_000, 15_000));
      if (env.DATABASE_URL === silentUrl()) return;
      const databaseUrl = env.DATABASE_URL ?? 'embedded';
      const server = await startServer({ databaseUrl, dataDir });
      try {
        const { code } = await (await TestUser.register(server.url)).shorten();
        expect((await follow(server.url, String(code))).status).toBe(302);
      } finally {
        await server.remove();
      }
    },
    60_000 + MOMENTS * 10_000,
  );

  it('does not wait for load balancers, nor for the database, before it is ready', async () => {
    const env = { DATABASE_URL: silentUrl(), DATA_DIR: dataDir, PORT: port };
    boot = Boot.begin(SERVE, { ...env, SHUTDOWN_DELAY_SECONDS: '10' });
    await boot.prints(' listens on ');
    const [end, ms] = await stop();
    expect(end).toBe(0);
    expect(boot.output).toContain('SIGTERM: stopped before it was ready');
    expect(ms).toBeLessThan(within(1_000, 8_000));
  }, 60_000);

  const whoIsPid1: [string, string[]][] = [
    ['the launcher', [LAUNCHER, 'serve']],
    ['Node.js with the launcher', [process.execPath, LAUNCHER, 'serve']],
    ['Node.js with the main script', [process.execPath, join('dist', 'src', 'main.js')]],
  ];
  (canBePid1() ? describe : describe.skip)('as PID 1', () => {
    it.each(whoIsPid1)(
      'ends it before anything is loaded, if that is %s',
      async (_name, command) => {
        for (let run = 0; run < FAULT_RUNS; run += 1) {
          boot = Boot.beginAsPid1(command, { DATA_DIR: dataDir, PORT: port });
          await boot.handlesSigterm();
          const hadLoaded = existsSync(dataDir);
          const [end, ms] = await stop('SIGTERM', await boot.firstChild());
          report(`ended with ${end} after ${ms.toFixed()} ms`);
          expect([end, hadLoaded, existsSync(dataDir), boot.isAnyLeft]).toEqual([
            0,
            false,
            false,
            false,
          ]);
        }
      },
      60_000,
    );
  });
});
