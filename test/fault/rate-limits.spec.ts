import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, follow, TestUser } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type Fault, FaultProxy } from '../support/fault-proxy.js';
import { startServer, type TestServer } from '../support/server.js';

const LIMIT = 5;

describe('Rate limits while PostgreSQL cannot be reached', () => {
  let database: TestDatabase;
  let proxy: FaultProxy;
  let server: TestServer;
  let user: TestUser;

  beforeEach(async () => {
    database = await createDatabase();
    proxy = await FaultProxy.to(database.url);
    server = await startServer({
      databaseUrl: proxy.url,
      env: {
        RATE_LIMIT_API_PER_MINUTE: '30',
        RATE_LIMIT_UNKNOWN_CODES_PER_MINUTE: String(LIMIT),
        DATABASE_STATEMENT_TIMEOUT_MS: '1000',
      },
    });
    user = await TestUser.register(server.url);
  }, 60_000);
  afterEach(async () => {
    await server.remove();
    await proxy.close();
    await database.drop();
  });

  const statuses = async (times: number, ask: () => Promise<{ status: number }>) => {
    const answers: number[] = [];
    for (let n = 0; n < times; n += 1) answers.push((await ask()).status);
    return answers;
  };

  it.each<Fault>(['refuse', 'reset', 'blackhole'])(
    'hold in each process, and hold nobody up (%s)',
    async (fault) => {
      const { code } = await user.shorten();
      // Nothing about the link that is still on its way pushes it out of memory.
      await server.restart();
      const visit = () => follow(server.url, code as string);
      const tryUnknown = () => follow(server.url, 'unknown');
      expect([(await visit()).status, (await tryUnknown()).status]).toEqual([302, 404]);

      await proxy.set(fault);
      expect(await statuses(LIMIT + 2, tryUnknown)).toEqual([404, 404, 404, 404, 404, 429, 429]);
      expect(await statuses(LIMIT + 2, visit)).toEqual(Array(LIMIT + 2).fill(302));

      // Strangers, who need no database for their 401: so it is the limit that refuses them.
      const tryApi = () => user.client.get('/api/v1/auth/me', { token: 'none' });
      const answers = await statuses(31, tryApi);
      expect(new Set(answers.slice(0, 30))).toEqual(new Set([401]));
      expect(answers[30]).toBe(429);

      await proxy.set('pass');
      const again = await eventually(
        () => user.get('/auth/me'),
        ({ status }) => status === 200,
        20_000,
      );
      expect(again.headers.get('ratelimit')).toMatch(/^"api";r=\d+;t=\d+$/);
      expect(server.log.match(/Rate limits are counted by each process alone/g)).toHaveLength(1);
    },
    60_000,
  );
});
