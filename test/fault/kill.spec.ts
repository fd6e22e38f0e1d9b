import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestUser } from '../support/api.js';
import { expectEachOnce, query } from '../support/exactly-once.js';
import { FAULT_RUNS, randomMs } from '../support/fault-runs.js';
import { Load } from '../support/load.js';
import { startServer, type TestServer } from '../support/server.js';

describe.each([
  ['PostgreSQL', undefined],
  ['the embedded database', 'embedded'],
])('Clicks on %s', (_name, databaseUrl) => {
  let server: TestServer;
  afterEach(() => server.remove());

  it(
    'survive SIGKILL at any moment under load, each exactly once',
    async () => {
      server = await startServer({ databaseUrl });
      const user = await TestUser.register(server.url);
      const { id, code } = await user.shorten();
      const load = new Load(server.url, code);
      for (let run = 0; run < FAULT_RUNS; run += 1) {
        await load.redirects(100);
        await sleep(randomMs(1_500));
        await server.kill();
        await server.start();
      }
      await load.redirects(100);
      await load.stop();
      expect(load.hung).toBe(0);
      // A link is not known until the database is there again, which is no reason to deny it.
      expect(load.refusals.filter(({ status }) => status !== 503)).toEqual([]);
      await expectEachOnce(server, load);
      const [stored] = await query<{ count: number }>(
        server,
        'SELECT count(*)::int AS count FROM clicks WHERE link_id = $1',
        [id],
      );
      expect((await user.totals(id, stored!.count))['clicks']).toBe(stored!.count);
    },
    60_000 + FAULT_RUNS * 15_000,
  );
});
