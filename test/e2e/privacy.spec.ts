import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { follow, TestUser } from '../support/api.js';
import { type Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const url = 'https://example.com/';

describe('Privacy of visitors', () => {
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    server = await startServer({
      env: {
        TRUSTED_PROXIES: '127.0.0.1',
        RESPECT_GPC: 'true',
        UNCOUNTED_ADDRESSES: '198.51.100.7, 2001:db8:1::/48',
      },
    });
    user = await TestUser.register(server.url);
  });
  afterAll(() => server.remove());

  /** On a plain connection, and by the framework. */
  async function visit(code: string, headers: Record<string, string>): Promise<void> {
    for (const connection of ['keep-alive', 'close']) {
      const answer = await follow(server.url, code, { connection, ...headers });
      expect([answer.status, answer.headers.get('location')]).toEqual([302, url]);
    }
  }

  it('counts who sends Sec-GPC, and records nothing else of them', async () => {
    const link = await user.shorten();
    const [id, code] = [link['id'] as string, link['code'] as string];
    const seen = {
      'x-forwarded-for': '8.8.8.8',
      'accept-language': 'de',
      referer: 'https://news.example/',
    };
    for (const n of [1, 2]) {
      await visit(`${code}?utm_source=mail`, {
        ...seen,
        'x-forwarded-for': `8.8.8.${n}`,
        'sec-gpc': '1',
      });
    }
    expect(await user.totals(id, 4)).toMatchObject({ clicks: 4, humans: 4, bots: 0, visitors: 1 });
    const clicks = (await user.get(`/links/${id}/clicks`)).body['items'] as Fields[];
    expect(clicks).toHaveLength(4);
    for (const click of clicks) {
      const { id: _id, clickedAt, isBot, ...rest } = click;
      expect([typeof clickedAt, isBot]).toEqual(['string', false]);
      expect(Object.values(rest).filter((value) => typeof value === 'string')).toEqual([]);
    }
    await visit(code, { ...seen, 'sec-gpc': '0' });
    await user.totals(id, 6);
    const all = (await user.get(`/links/${id}/clicks`)).body['items'] as Fields[];
    expect(all.filter((click) => click['country'] === 'US')).toHaveLength(2);
  });

  it('deletes the clicks of a link for good, for who may write it', async () => {
    const [link, other] = [await user.shorten(), await user.shorten()];
    const id = link['id'] as string;
    for (const { code } of [link as { code: string }, other as { code: string }])
      await visit(code, { 'x-forwarded-for': '203.0.113.9' });
    await user.totals(id, 2);
    await user.totals(other['id'] as string, 2);
    const ofWorkspace = async () =>
      (await user.get(`/workspaces/${link['workspaceId']}/stats`)).body['totals'] as Fields;
    const before = (await ofWorkspace())['clicks'] as number;
    const stranger = await TestUser.register(server.url);
    expect((await stranger.delete(`/links/${id}/clicks`)).status).toBe(404);
    // Nobody waits for these to be stored.
    await visit(link['code'] as string, { 'x-forwarded-for': '203.0.113.10' });
    expect((await user.delete(`/links/${id}/clicks`)).status).toBe(204);
    expect((await user.get(`/links/${id}/clicks`)).body['items']).toEqual([]);
    expect((await user.get(`/links/${id}`)).body['clicks']).toBe(0);
    await visit(other['code'] as string, {});
    await user.totals(other['id'] as string, 4);
    expect((await user.totals(id, 0))['clicks']).toBe(0);
    expect((await ofWorkspace())['clicks']).toBe(before);
    await visit(link['code'] as string, {});
    expect(await user.totals(id, 2)).toMatchObject({ clicks: 2, visitors: 1 });
    expect((await user.delete(`/links/${id}/clicks`)).status).toBe(204);
  });

  it('counts nobody from addresses that are never counted, and spends no click of theirs', async () => {
    const link = await user.shorten({ maxClicks: 2 });
    const [id, code] = [link['id'] as string, link['code'] as string];
    await visit(code, { 'x-forwarded-for': '198.51.100.7' });
    await visit(code, { 'x-forwarded-for': '2001:db8:1:2::3' });
    await visit(code, { 'x-forwarded-for': '198.51.100.8' });
    const spent = await follow(server.url, code, { 'x-forwarded-for': '198.51.100.7' });
    expect(spent.status).toBe(410);
    expect((await user.totals(id, 2))['clicks']).toBe(2);
  });
});
