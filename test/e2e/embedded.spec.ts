import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { follow, TestUser } from '../support/api.js';
import { startServer, type TestServer } from '../support/server.js';

/** As after `npm start` on a machine without PostgreSQL. */
describe('With the embedded database', () => {
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    server = await startServer({ databaseUrl: 'embedded' });
    user = await TestUser.register(server.url);
  }, 60_000);
  afterAll(() => server.remove());

  it('a link is made, followed, and its click is in the statistics', async () => {
    const { id, code } = await user.shorten({ title: 'Über uns', tags: ['a,b', '"c"'] });
    const answer = await follow(server.url, code);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'https://example.com/']);
    expect(await user.totals(id, 1)).toEqual({ clicks: 1, humans: 1, bots: 0, visitors: 1 });
    const found = await user.get(`/links?q=${encodeURIComponent('über')}&tag=a,b`);
    expect(found.body['items']).toMatchObject([{ id, tags: ['a,b', '"c"'], clicks: 1 }]);
  });

  it('a link is found by what was typed', async () => {
    const { id, shortUrl } = await user.shorten({
      title: 'GRÜSSE',
      url: 'https://bücher.example/Größe',
    });
    for (const q of ['grüsse', 'https://bücher.example/größe', 'xn--bcher', shortUrl]) {
      const { body } = await user.get(`/links?q=${encodeURIComponent(q)}`);
      expect([q, body['items']]).toMatchObject([q, [{ id }]]);
    }
    expect((await user.get('/links?q=https')).body['items'].length).toBeGreaterThan(0);
  });

  it('a change is seen at once, and a deleted link is gone', async () => {
    const { id, code } = await user.shorten();
    await follow(server.url, code);
    await user.patch(`/links/${id}`, { url: 'https://example.com/new' }, { 'if-match': '"1"' });
    const answer = await follow(server.url, code);
    expect(answer.headers.get('location')).toBe('https://example.com/new');
    await user.delete(`/links/${id}`);
    expect((await follow(server.url, code)).status).toBe(410);
  });

  it('hundreds of links are made and replaced at once', async () => {
    const operations = Array.from({ length: 500 }, (_, n) => ({
      op: 'upsert',
      externalId: `many-${n}`,
      link: { url: `https://example.com/${n}`, tags: ['a,b', '"c"'], title: null },
    }));
    for (const expected of [201, 200]) {
      const { body } = await user.post('/links/batch', { operations });
      const results = body['results'] as { status: number }[];
      expect(new Set(results.map(({ status }) => status))).toEqual(new Set([expected]));
    }
    const { body } = await user.get('/links/by-external-id/many-7');
    expect(body).toMatchObject({ url: 'https://example.com/7', tags: ['a,b', '"c"'] });
  });

  it('a limit of ten clicks lets ten of two hundred through', async () => {
    const { code } = await user.shorten({ maxClicks: 10 });
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async () => (await follow(server.url, code)).status),
    );
    expect(statuses.filter((status) => status === 302)).toHaveLength(10);
    expect(statuses.filter((status) => status === 410)).toHaveLength(190);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'accounts, links and clicks are there again after %s right after an answer',
    async (signal) => {
      const { id, code } = await user.shorten();
      const answers = await Promise.all(Array.from({ length: 20 }, () => follow(server.url, code)));
      const exitCode = await server.stop(signal);
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(302));
      expect(exitCode).toBe(signal === 'SIGTERM' ? 0 : null);
      await server.start();
      expect((await follow(server.url, code)).status).toBe(302);
      expect((await user.totals(id, 21, 5_000))['clicks']).toBe(21);
    },
    60_000,
  );
});
