import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/api.js';
import { Boot } from '../support/boot.js';
import { cleanEnvironment, compiled, LAUNCHER, signpost } from '../support/environment.js';
import { freePort } from '../support/free-port.js';
import { startServer } from '../support/server.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';

const NODE = process.execPath;
const NOWHERE = 'postgres://nobody@127.0.0.1:1/none';
const BY_HAND = 'Node.js runs without the options';

function run(command: string[], env: Record<string, string> = {}): [number | null, string, string] {
  const [file, ...args] = command;
  const child = spawnSync(file!, args, { env: cleanEnvironment(env), encoding: 'utf8' });
  return [child.status, child.stdout, child.stderr];
}

describe('The launcher', () => {
  it('lists its commands, also for whoever asks for one that there is not', () => {
    const [status, list] = run([LAUNCHER, '--help']);
    expect([status, list]).toEqual([0, expect.stringMatching(/serve.*migrate.*user:create/s)]);
    const [wrong, , complaint] = run([LAUNCHER, 'toString']);
    expect([wrong, complaint]).toEqual([2, expect.stringContaining(list)]);
  });

  it.each([
    ['it is executed', [LAUNCHER]],
    ['Node.js is told to run it', [NODE, LAUNCHER]],
  ])('gives Node.js its options when %s, and passes the exit code on', (_name, command) => {
    const code =
      'import v8 from "node:v8";process.on("exit",()=>console.log(process.execArgv.length,' +
      'v8.getHeapSpaceStatistics().find((s)=>s.space_name==="new_space").space_size>=2**24))';
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
    const [status, output, complaint] = run([...command, 'user:create'], env);
    expect([status, complaint]).toEqual([1, expect.stringContaining('usage: ')]);
    expect(output.split('\n')[0]).toBe('4 true');
  });
});

describe('The service', () => {
  let directory: TemporaryDirectory;
  let env: Record<string, string>;
  let boot: Boot;

  beforeEach(async () => {
    directory = new TemporaryDirectory();
    const dataDir = join(directory.path, 'data');
    env = { DATABASE_URL: NOWHERE, DATA_DIR: dataDir, PORT: String(await freePort()) };
  });
  afterEach(() => {
    boot.kill();
    directory.remove();
  });

  it.each([
    ['by hand', [NODE, compiled('src/main.js')], '1', 1],
    ['by hand, with workers', [NODE, compiled('src/main.js')], '2', 1],
    ['by the launcher, with workers', [NODE, ...signpost()], '2', 0],
  ])(
    'started %s says that of the options once, if at all',
    async (_name, command, workers, times) => {
      boot = Boot.begin(command, { ...env, WORKERS: workers });
      await boot.prints(' listens on ', Number(workers));
      expect(boot.output.split(BY_HAND)).toHaveLength(times + 1);
    },
  );

  it('in a second process gets the signals of the launcher, which ends as it does', async () => {
    boot = Boot.begin([NODE, LAUNCHER], env);
    await boot.prints(' listens on ');
    process.kill(boot.pid, 'SIGHUP');
    await boot.prints('SIGHUP: a single process cannot reload');
    process.kill(boot.pid, 'SIGTERM');
    expect(await boot.ended()).toBe(0);
    expect(boot.output).toContain('SIGTERM: stopped before it was ready');
    boot = Boot.begin([NODE, LAUNCHER], env);
    await boot.prints(' listens on ');
    process.kill(await boot.firstChild(), 'SIGKILL');
    expect(await boot.ended()).toBe('SIGKILL');
  });

  it('in a second process does not outlive a launcher that is killed', async () => {
    boot = Boot.begin([NODE, LAUNCHER], env);
    await boot.prints(' listens on ');
    process.kill(boot.pid, 'SIGKILL');
    const isGone = await eventually(async () => !boot.isAnyLeft, Boolean, 10_000);
    expect([isGone, boot.output]).toEqual([true, expect.stringContaining('SIGTERM: stopped')]);
  });
});

describe('The health check', () => {
  const check = (env: Record<string, string>) => run([LAUNCHER, 'healthcheck'], env);

  it('is well while the service lives, with or without its database', async () => {
    const server = await startServer({ databaseUrl: NOWHERE, until: 'live' });
    try {
      const { port } = new URL(server.url);
      expect(check({ PORT: port })).toEqual([0, '', '']);
      expect(check({ PORT: port, HOST: '0.0.0.0' })).toEqual([0, '', '']);
    } finally {
      await server.remove();
    }
    expect(check({ PORT: new URL(server.url).port })).toEqual([
      1,
      '',
      expect.stringMatching(/^unhealthy: connect ECONNREFUSED .*\n$/),
    ]);
  });

  it('is not when nothing is answered in three seconds', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    expect(check({ PORT: String(port) })).toEqual([1, '', 'unhealthy: no answer in 3000 ms\n']);
    silent.close();
  });
});
