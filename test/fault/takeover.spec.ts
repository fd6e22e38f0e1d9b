import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually, TestUser } from '../support/api.js';
import { expectEachOnce } from '../support/exactly-once.js';
import { Load } from '../support/load.js';
import { metric } from '../support/metrics.js';
import { startServer, type TestServer } from '../support/server.js';

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
    const { code } = await user.shorten();
    const [killed, other] = [new Load(first.url, code), new Load(second.url, code)];
    await Promise.all([killed.redirects(500), other.redirects(500)]);
    const isIngester = (server: TestServer) => metric(server.url, 'signpost_is_ingester');
    expect([await isIngester(first), await isIngester(second)]).toEqual([1, 0]);

    await first.kill();
    expect(
      await eventually(
        () => isIngester(second),
        (is) => is === 1,
        10_000,
      ),
    ).toBe(1);
    await other.redirects(200);
    await Promise.all([killed.stop(), other.stop()]);
    expect(other.failures).toEqual([]);
    await expectEachOnce(second, killed, other);
  }, 90_000);
});
