import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestUser } from '../support/api.js';
import { startServer, type TestServer } from '../support/server.js';

const DESCRIPTION = '</openapi.json>; rel="service-desc"';
const MINIMAL = { prefer: 'respond-async, return=minimal' };

describe('What programs can rely on', () => {
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    server = await startServer();
    user = await TestUser.register(server.url);
  });
  afterAll(() => server.remove());

  it('every answer of the API says where it is described, and so does the bare address', async () => {
    const root = await fetch(server.url, { headers: { accept: 'application/json' } });
    const answers = [root, await user.get('/auth/me'), await user.get('/links/none')];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404]);
    for (const { headers } of answers) expect(headers.get('link')).toBe(DESCRIPTION);
    const { pathname } = new URL(DESCRIPTION.slice(1, DESCRIPTION.indexOf('>')), server.url);
    expect((await fetch(`${server.url}${pathname}`)).status).toBe(200);
  });

  it('a list is read to its end by its links alone', async () => {
    const made: string[] = [];
    for (let link = 0; link < 5; link++) made.unshift((await user.shorten({ tags: ['a&b'] })).id);
    const read: string[] = [];
    let url: URL | undefined = new URL(`${server.url}/api/v1/links?limit=2&tag=a%26b`);
    while (url) {
      const answer: Response = await fetch(url, {
        headers: { authorization: `Bearer ${user.token}` },
      });
      const { items } = (await answer.json()) as { items: { id: string }[] };
      read.push(...items.map(({ id }) => id));
      const next = /<([^>]*)>; rel="next"/.exec(answer.headers.get('link')!)?.[1];
      url = next === undefined ? undefined : new URL(next, url);
    }
    expect(read).toEqual(made);
  });

  it('who prefers it gets no body of what was written, but all of the headers', async () => {
    const made = await user.post('/links', { url: 'https://example.com/' }, MINIMAL);
    expect([made.status, made.text]).toEqual([201, '']);
    expect(made.headers.get('preference-applied')).toBe('return=minimal');
    expect(made.headers.get('etag')).toBe('"1"');
    const path = made.headers.get('location')!.replace('/api/v1', '');
    const changed = await user.patch(path, { title: 'New' }, MINIMAL);
    expect([changed.status, changed.text, changed.headers.get('etag')]).toEqual([204, '', '"2"']);
    expect((await user.get(path)).body['title']).toBe('New');
    const refused = await user.patch(path, { title: 7 }, MINIMAL);
    expect([refused.status, refused.body['code']]).toEqual([400, 'invalid-request']);
    expect(refused.headers.has('preference-applied')).toBe(false);
    const whole = await user.patch(path, { title: 'Newer' }, { prefer: 'return=representation' });
    expect([whole.status, whole.body['title']]).toEqual([200, 'Newer']);
  });

  it('an answer that is kept for a retry is kept whole', async () => {
    const key = { 'idempotency-key': 'prefer-1' };
    const link = { url: 'https://example.com/' };
    const made = await user.post('/links', link, { ...key, ...MINIMAL });
    const again = await user.post('/links', link, key);
    expect([made.text, again.headers.get('idempotency-replayed')]).toEqual(['', 'true']);
    expect(again.headers.get('location')).toBe(made.headers.get('location'));
    expect(again.body['url']).toBe('https://example.com/');
  });

  it('a secret that is shown only once is shown in any case', async () => {
    const { items } = (await user.get('/workspaces')).body;
    const body = { name: 'CI', scopes: ['links:read'] };
    const made = await user.post(`/workspaces/${items[0].id}/api-keys`, body, MINIMAL);
    expect([made.status, made.headers.has('preference-applied')]).toEqual([201, false]);
    expect(made.body['key']).toEqual(expect.any(String));
  });
});
