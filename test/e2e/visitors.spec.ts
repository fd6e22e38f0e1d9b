import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, follow, TestUser } from '../support/api.js';
import { startServer, type TestServer } from '../support/server.js';

describe('Visitors', () => {
  let before: TestServer;
  let after: TestServer;

  beforeAll(async () => {
    before = await startServer();
    after = await startServer({ databaseUrl: before.databaseUrl! });
  });
  afterAll(async () => {
    await after.remove();
    await before.remove();
  });

  it('are counted while JWT_SECRET is changed, twice at most, and one warning tells', async () => {
    const user = await TestUser.register(before.url);
    const link = await user.shorten();
    const servers = [before, after, after, before];
    for (const [index, { url }] of servers.entries()) {
      await follow(url, link['code']);
      expect(await user.totals(link['id'], index + 1, 10_000)).toMatchObject({
        clicks: index + 1,
        visitors: Math.min(2, index + 1),
      });
    }
    const warnings = () => after.log.split('\n').filter((line) => line.includes('The salt of'));
    expect(
      await eventually(
        async () => warnings().length,
        (n) => n > 0,
      ),
    ).toBe(1);
    expect(warnings()[0]).toContain('JWT_SECRET');
    expect(before.log).not.toContain('The salt of');
    for (const { log, jwtSecret } of [before, after]) expect(log).not.toContain(jwtSecret);
  });
});
