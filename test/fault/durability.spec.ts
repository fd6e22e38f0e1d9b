import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { follow, TestUser } from '../support/api.js';
import { startServer, type TestServer } from '../support/server.js';

const CALLS = 'write,writev,fdatasync,fsync';

/** Also false where a process must not look into another one. */
const canTrace = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0;
if (!canTrace) {
  process.stdout.write('  Not tested: the order of system calls (strace does not run here)\n');
}

(canTrace ? describe : describe.skip)('CLICK_DURABILITY=disk', () => {
  let server: TestServer;
  const directory = mkdtempSync(join(tmpdir(), 'signpost-trace-'));
  afterEach(async () => {
    await server.remove();
    rmSync(directory, { recursive: true });
  });

  it('has the click on the disk before the visitor is redirected', async () => {
    server = await startServer({
      env: { CLICK_DURABILITY: 'disk', SPOOL_SEGMENT_MAX_AGE_MS: '60000' },
    });
    const { code } = await (await TestUser.register(server.url)).shorten();
    await follow(server.url, code);
    const file = join(directory, 'calls');
    const args = ['-f', '-y', '-s', '2000', '-e', `trace=${CALLS}`, '-o', file];
    const strace = spawn('strace', [...args, '-p', String(server.pid)]);
    await once(strace.stderr, 'data');
    for (let n = 0; n < 3; n += 1) {
      expect((await follow(server.url, `${code}?utm_campaign=visit-${n}`)).status).toBe(302);
    }
    const ended = once(strace, 'exit');
    strace.kill('SIGINT');
    await ended;
    const lines = readFileSync(file, 'utf8').split('\n');
    const after = (from: number, call: RegExp) =>
      lines.findIndex((line, index) => index > from && call.test(line));
    const order = [0, 1, 2].map((n) => {
      const written = after(-1, new RegExp(String.raw`write\(.*\.open>.*visit-${n}`));
      const synced = after(written, /fdatasync(\(.*\.open>\)| resumed>\)) += 0/);
      const answered = after(written, /HTTP\/1\.1 302/);
      return { written: written >= 0, syncedFirst: written < synced && synced < answered };
    });
    expect(order).toEqual([0, 1, 2].map(() => ({ written: true, syncedFirst: true })));
  }, 60_000);
});
