import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { BROWSER, eventually, follow, TestUser } from '../support/api.js';
import { startServer, type TestServer } from '../support/server.js';

describe('A short link', () => {
  let database: TestDatabase;
  let server: TestServer;
  let other: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    database = await createDatabase();
    const env = {
      JWT_SECRET: 'one secret for both of them, 32 bytes and more',
      TRUSTED_PROXIES: '127.0.0.1',
    };
    server = await startServer({ databaseUrl: database.url, env });
    other = await startServer({
      databaseUrl: database.url,
      env: { ...env, PLAIN_CONNECTIONS: 'off' },
    });
    user = await TestUser.register(server.url);
  });
  afterAll(async () => {
    await server.remove();
    await other.remove();
    await database.drop();
  });

  it.each([301, 302, 307, 308])('redirects with %d, never to be cached', async (redirectStatus) => {
    const { code } = await user.shorten({ url: 'https://example.com/ü?a=b#c', redirectStatus });
    // With plain connections and without.
    const visits = [server, other].flatMap(({ url }) =>
      ['GET', 'HEAD'].map((method) => ({ url, method })),
    );
    for (const { url, method } of visits) {
      const answer = await follow(url, code, {}, method);
      expect(answer.status).toBe(redirectStatus);
      expect(answer.headers.get('location')).toBe('https://example.com/%C3%BC?a=b#c');
      expect(answer.headers.get('cache-control')).toBe('private, no-store');
      expect(answer.text).toBe('');
    }
  });

  it('works as the OpenAPI document says', async () => {
    const { code } = await user.shorten();
    expect((await user.client.get(`/${code}`)).status).toBe(302);
    expect((await user.client.head(`/${code}`)).status).toBe(302);
    expect((await user.client.get('/unknown-code')).status).toBe(404);
    expect((await user.client.post('/unknown-code', {})).status).toBe(404);
  });

  it('that does not exist is a page to a person and a problem to a program', async () => {
    const page = await follow(server.url, 'no-such-link', { accept: 'text/html,*/*' });
    expect(page.status).toBe(404);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.text).toContain('<h1>This short link does not exist</h1>');
    const problem = await follow(server.url, 'no-such-link', { accept: 'application/json' });
    expect(problem.headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.parse(problem.text)).toMatchObject({ status: 404, code: 'link-not-found' });
  });

  it.each(['%00', '..%2f', 'a%20b', 'ä', 'x'.repeat(65), 'x'.repeat(250), '%'])(
    'cannot be called %s',
    async (code) => {
      const { status } = await follow(server.url, code);
      expect([400, 404]).toContain(status);
    },
  );

  it('is gone once deleted, and as if unknown before it starts', async () => {
    const deleted = await user.shorten();
    await user.delete(`/links/${deleted['id']}`);
    const later = await user.shorten({ startsAt: new Date(Date.now() + 60_000).toISOString() });
    const expired = await user.shorten();
    const expiresAt = new Date(Date.now() - 1_000).toISOString();
    await user.patch(`/links/${expired['id']}`, { expiresAt });
    expect((await follow(server.url, deleted['code'])).status).toBe(410);
    expect((await follow(server.url, later['code'])).status).toBe(404);
    const gone = async () => (await follow(server.url, expired['code'])).status;
    expect(await eventually(gone, (status) => status === 410, 1_000)).toBe(410);
  });

  it('starts and expires to the second', async () => {
    const at = Date.now() + 1_500;
    const starts = await user.shorten({ startsAt: new Date(at).toISOString() });
    const ends = await user.shorten({ expiresAt: new Date(at).toISOString() });
    const statuses = async () => [
      (await follow(server.url, starts['code'])).status,
      (await follow(server.url, ends['code'])).status,
    ];
    expect(await statuses()).toEqual([404, 302]);
    expect(await eventually(statuses, ([started]) => started === 302, 3_000)).toEqual([302, 410]);
  });

  it('with maxClicks 10 redirects ten of a thousand who come at once, through two processes', async () => {
    const { code } = await user.shorten({ maxClicks: 10 });
    // A busy machine may send somebody away for a moment: they come again.
    const insist = async (url: string): Promise<number> => {
      const { status } = await follow(url, code);
      return status === 503 ? insist(url) : status;
    };
    const statuses = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => insist(n % 2 === 0 ? server.url : other.url)),
    );
    expect(statuses.filter((status) => status === 302)).toHaveLength(10);
    expect(statuses.filter((status) => status === 410)).toHaveLength(990);
  }, 30_000);

  it('spends no click on HEAD, prefetches and link previews', async () => {
    const { id, code } = await user.shorten({ maxClicks: 1 });
    const viber =
      'Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) QtWebEngine/5.6.0 Chrome/45.0.2454.101 Safari/537.36 Viber';
    const preview = { 'user-agent': 'mattermost-bot/1.1' };
    const statuses = [
      (await follow(server.url, code, preview)).status,
      (await follow(server.url, code, {}, 'HEAD')).status,
      (await follow(server.url, code, { 'sec-purpose': 'prefetch;prerender' })).status,
      (await follow(server.url, code, { 'x-purpose': 'preview' })).status,
      (await follow(server.url, code, { 'user-agent': 'WhatsApp/2.23.20.0' })).status,
      (await follow(server.url, code, { 'user-agent': viber })).status,
      (await follow(server.url, code, {}, 'HEAD')).status,
      (await follow(server.url, code, preview)).status,
      (await follow(other.url, code, { 'sec-purpose': 'prefetch' })).status,
      (await follow(server.url, code)).status,
      (await follow(other.url, code, {}, 'HEAD')).status,
    ];
    expect(statuses).toEqual([302, 302, 302, 302, 302, 302, 410, 410, 410, 410, 410]);
    await user.patch(`/links/${id}`, { maxClicks: 2 });
    const again = async () => (await follow(server.url, code)).status;
    expect(await eventually(again, (status) => status === 302, 1_000)).toBe(302);
  });

  it('changed or deleted through one process is seen by another within a second', async () => {
    const { id, code } = await user.shorten({ url: 'https://example.com/old' });
    const location = async () => (await follow(other.url, code)).headers.get('location');
    expect(await location()).toBe('https://example.com/old');
    await user.patch(`/links/${id}`, { url: 'https://example.com/new' });
    expect(await eventually(location, (url) => url!.endsWith('new'), 1_000)).toContain('/new');
    await user.delete(`/links/${id}`);
    const status = async () => (await follow(other.url, code)).status;
    expect(await eventually(status, (now) => now === 410, 1_000)).toBe(410);
  });

  it('made through one process is seen by another that has just said it was unknown', async () => {
    expect((await follow(other.url, 'new-one')).status).toBe(404);
    await user.shorten({ code: 'new-one' });
    const status = async () => (await follow(other.url, 'new-one')).status;
    expect(await eventually(status, (now) => now === 302, 1_000)).toBe(302);
  });

  it('is counted once for each click, bots and people apart, and never for HEAD', async () => {
    const { id, code } = await user.shorten();
    await follow(server.url, code);
    await follow(other.url, code);
    await follow(server.url, code, { 'user-agent': 'curl/8.5.0' });
    await follow(server.url, code, {}, 'HEAD');
    expect(await user.totals(id, 3)).toEqual({ clicks: 3, humans: 2, bots: 1, visitors: 1 });
    expect((await user.get(`/links/${id}`)).body['clicks']).toBe(3);
  });

  it('tells in its statistics what is known of its clicks', async () => {
    const { id, code } = await user.shorten();
    await follow(server.url, `${code}?x=${'a'.repeat(1_001)}&utm_source=newsletter`, {
      'user-agent': BROWSER,
      'accept-language': 'fr-CH,fr;q=0.9',
      referer: 'https://news.example.com/item',
    });
    await user.totals(id, 1);
    const query =
      'groupBy=browser,os,device,language,referrer,utm_source,country&timezone=Asia/Kathmandu';
    const { body } = await user.get(`/links/${id}/stats?${query}`);
    const values = body['breakdown'].map((row: { dimension: string; value: string }) => [
      row.dimension,
      row.value,
    ]);
    expect(Object.fromEntries(values)).toEqual({
      browser: 'Firefox',
      os: 'Linux',
      device: 'desktop',
      language: 'fr',
      referrer: 'news.example.com',
      utm_source: 'newsletter',
      country: null,
    });
    const totals = async (filter: string) =>
      (await user.get(`/links/${id}/stats?${filter}`)).body['totals'].clicks;
    expect(await totals('language=de,fr')).toBe(1);
    expect(await totals('language=-fr')).toBe(0);
    expect(await totals('country=(unknown)')).toBe(1);
  });

  it('is counted for the country that the visitor has behind a trusted proxy', async () => {
    const { id, code } = await user.shorten();
    for (const address of ['8.8.8.8', '203.0.113.9, 129.132.1.1', '129.132.1.2', '10.0.0.1']) {
      await follow(server.url, code, { 'x-forwarded-for': address });
    }
    await user.totals(id, 4);
    const { body } = await user.get(`/links/${id}/stats?groupBy=country`);
    const clicks = body['breakdown'].map((row: { value: string | null; clicks: number }) => [
      row.value,
      row.clicks,
    ]);
    expect(Object.fromEntries(clicks)).toEqual({ CH: 2, US: 1, null: 1 });
  });

  it('has one visitor, however a proxy writes the address', async () => {
    const { id, code } = await user.shorten();
    const spellings = [
      '8.8.8.8',
      '8.8.8.8,',
      '8.8.8.8,,127.0.0.1',
      '8.8.8.8:4711',
      '::ffff:8.8.8.8',
      '[::FFFF:808:808]:443',
    ];
    for (const address of spellings) {
      await follow(server.url, code, { 'x-forwarded-for': address });
    }
    expect(await user.totals(id, 6)).toEqual({ clicks: 6, humans: 6, bots: 0, visitors: 1 });
    const { body } = await user.get(`/links/${id}/stats?groupBy=country`);
    expect(body['breakdown']).toMatchObject([{ value: 'US', clicks: 6 }]);
  });

  it.each([
    ['from=2026-02-01&to=2026-01-01', ['?from', '?to']],
    ['interval=hour&from=2020-01-01&to=2026-01-01', ['?from', '?to']],
    ['timezone=Mars/Olympus', ['?timezone']],
    ['groupBy=colour', ['?groupBy.0']],
    ['interval=year&limit=0', ['?interval', '?limit']],
  ])('has no statistics for %s', async (query, pointers) => {
    const { id } = await user.shorten();
    const { status, body } = await user.get(`/links/${id}/stats?${query}`);
    expect(status).toBe(400);
    expect(body['errors'].map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers);
  });
});
