import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestUser } from '../support/api.js';
import { report } from '../support/fault-runs.js';
import { startServer, type TestServer } from '../support/server.js';

const PASSWORD = 'a'.repeat(12);

describe.each([
  ['PostgreSQL', undefined, 80],
  ['the embedded database', 'embedded', 20],
])('While strangers log in with Idempotency-Keys, on %s', (_name, databaseUrl, strangers) => {
  let server: TestServer;
  afterEach(() => server.remove());

  it('the API goes on, because no password is hashed while a connection is held', async () => {
    // The cost that is usual in production: a hash takes a fifth of a second.
    server = await startServer({ databaseUrl, env: { BCRYPT_COST: '12' } });
    const user = await TestUser.register(server.url);
    const account = { email: 'nobody@example.com', password: PASSWORD };
    const answers: number[] = [];
    const logins = Array.from({ length: strangers }, async (_, index) => {
      const headers = { 'idempotency-key': `stranger-${index}` };
      const { status } = await user.client.post('/api/v1/auth/login', account, { headers });
      answers.push(status);
    });
    const statuses: number[] = [];
    while (answers.length < strangers) {
      // Hashes have a low priority: without a pause they would take long.
      await sleep(20);
      statuses.push((await user.get('/links')).status);
      if (statuses.length % 10 === 0) {
        const link = { url: `https://example.com/${statuses.length}` };
        const headers = { 'idempotency-key': `link-${statuses.length}` };
        statuses.push((await user.post('/links', link, headers)).status);
      }
    }
    report(`${statuses.length} requests of a user during ${strangers} logins`);
    expect(new Set(statuses)).toEqual(new Set([200, 201]));
    expect(statuses.length).toBeGreaterThan(10);
    // Refused, or told to come back; none of them waits for a connection.
    await Promise.all(logins);
    expect(new Set(answers)).not.toContain(503);
  }, 120_000);
});
