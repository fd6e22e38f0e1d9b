import { afterEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, TestUser } from '../support/api.js';
import { Load } from '../support/load.js';
import { startServer, type TestServer } from '../support/server.js';

const workersOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);

describe('With two workers', () => {
  let server: TestServer;
  afterEach(() => server.remove());

  it('those that are killed under load are replaced, nobody waits for ever, and no click is lost', async () => {
    server = await startServer({ env: { WORKERS: '2' } });
    const user = await TestUser.register(server.url);
    const { id, code } = await user.shorten();
    const listened = (times: number): Promise<number> =>
      eventually(
        () => Promise.resolve(server.log.match(/listens on/g)?.length ?? 0),
        (count) => count >= times,
        15_000,
      );
    const load = new Load(server.url, code);
    const kills = 3;
    for (let n = 0; n < kills; n += 1) {
      // Never both of them at once.
      expect(await listened(2 + n)).toBe(2 + n);
      await sleep(500);
      process.kill(workersOf(server.pid)[0]!, 'SIGKILL');
    }
    expect(await listened(2 + kills)).toBe(2 + kills);
    const answered = await load.stop();
    expect(load.others).toEqual([]);
    const { clicks } = await user.totals(id, answered, 10_000);
    expect(clicks).toBeGreaterThanOrEqual(answered);
    expect(clicks).toBeLessThanOrEqual(answered + kills * 8);
    expect(await server.stop('SIGTERM')).toBe(0);
  }, 60_000);
});
