import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, follow, TestUser } from '../support/api.js';
import { startServer, type TestServer } from '../support/server.js';

/** What people type, paste and send, and integrators' clients with them. */
describe('Input', () => {
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    server = await startServer({
      env: {
        PUBLIC_URL: 'https://example.com/go',
        ALLOWED_TARGET_SCHEMES: 'mailto, TEL:,myapp://',
        REFUSE_OFFENSIVE_CODES: 'true',
      },
    });
    user = await TestUser.register(server.url);
  });
  afterAll(() => server.remove());

  it.each([
    [' https://example.org/a b \n', 'https://example.org/a%20b'],
    ['mailto:ada@example.org?subject=Short links', 'mailto:ada@example.org?subject=Short%20links'],
    ['tel:+49 30 123456', 'tel:+49%2030%20123456'],
    ['myapp://settings/me', 'myapp://settings/me'],
  ])('%j is a target, and visitors are sent there', async (url, target) => {
    const { code, id } = await user.shorten({ url });
    const { status, headers } = await follow(server.url, code);
    expect([status, headers.get('location')]).toEqual([302, target]);
    expect((await user.totals(id, 1)).clicks).toBe(1);
    const found = await user.get(`/links?q=${encodeURIComponent(url.trim())}`);
    expect(found.body['items']).toMatchObject([{ id, url: target }]);
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'sms:+4930123456',
    'mailto:a\nb@example.org',
  ])('%j is no target, also where other schemes are allowed', async (url) => {
    const { status, body } = await user.post('/links', { url });
    expect([status, body['errors'][0].pointer]).toEqual([400, '/url']);
  });

  it('links of apps do not lead past the list of blocked hosts', async () => {
    const { code } = await user.shorten({ url: 'myapp://Evil.example?x' });
    const mail = await user.shorten({ url: 'mailto:a/b/evil.example' });
    const web = await user.shorten({ url: 'http://evil.example:8080/' });
    await user.put('/admin/blocked-hosts/evil.example', { reason: 'Malware' });
    const isBlocked = await eventually(
      async () => (await follow(server.url, code)).status,
      (status) => status === 410,
    );
    expect(isBlocked).toBe(410);
    expect((await follow(server.url, web['code'])).status).toBe(410);
    expect((await follow(server.url, mail['code'])).status).toBe(302);
    expect((await user.post('/links', { url: 'myapp://evil.example/' })).status).toBe(400);
    expect((await user.post('/links', { url: 'mailto:a/b/evil.example' })).status).toBe(201);
  });

  it('offensive codes are refused where the operator says so, and words around one are not', async () => {
    expect((await user.post('/links', { url: 'https://example.org/', code: 'sh1t' })).status).toBe(
      400,
    );
    await user.shorten({ code: 'open-issues' });
  });

  it('a pasted short URL finds its link, below the path of PUBLIC_URL', async () => {
    const { id, code } = await user.shorten();
    for (const q of [`https://example.com/go/${code}`, `example.com/go/${code}`]) {
      const { body } = await user.get(`/links?q=${encodeURIComponent(q)}`);
      expect(body['items'].map((link: { id: string }) => link.id)).toEqual([id]);
    }
    const { body } = await user.get(`/links?q=${encodeURIComponent(`example.com/${code}`)}`);
    expect(body['items']).toEqual([]);
  });

  it('a text with a control character is no search', async () => {
    expect((await user.get('/links?q=a%1Fb')).status).toBe(400);
  });

  it('an account is the same by each form of its address and its password', async () => {
    const register = (email: string, password: string) =>
      user.client.post('/api/v1/auth/register', { email, password });
    const login = async (email: string, password: string) =>
      (await user.client.post('/api/v1/auth/login', { email, password })).status;
    const password = 'grüße aus köln';
    const { status, body } = await register(' Zoë@bücher.example ', password.normalize('NFD'));
    expect([status, body['user'].email]).toEqual([201, 'zoë@bücher.example']);
    const others = ['zoë@xn--bcher-kva.example', 'ZOË@BÜCHER.example', 'zoe\u0308@bücher.example'];
    for (const email of others) {
      expect([email, await login(email, password)]).toEqual([email, 200]);
      expect([email, await login(email, password.normalize('NFD'))]).toEqual([email, 200]);
      expect([email, (await register(email, password)).status]).toEqual([email, 409]);
    }
    expect(await login('zoe@bücher.example', password)).toBe(401);
    expect(await login('zoë@bücher.example', 'gruße aus köln')).toBe(401);
  });

  it('a PATCH is a merge patch, and every answer says so', async () => {
    const { id } = await user.shorten({ title: 'before', tags: ['a'] });
    const type = 'application/merge-patch+json';
    for (const contentType of [type, `${type}; charset=utf-8`, 'application/json']) {
      const answer = await user.patch(
        `/links/${id}`,
        { title: contentType },
        { 'content-type': contentType },
      );
      expect([answer.status, answer.body['title']]).toEqual([200, contentType]);
    }
    const cleared = await user.patch(`/links/${id}`, { title: null }, { 'content-type': type });
    expect(cleared.body).toMatchObject({ title: null, tags: ['a'] });
    const refused = await user.patch(`/links/${id}`, '{}', {
      'content-type': 'application/json-patch+json',
    });
    expect(refused.status).toBe(415);
    const options = await user.client.request('OPTIONS', `/api/v1/links/${id}`);
    for (const { headers } of [cleared, refused, options, await user.get(`/links/${id}`)]) {
      expect(headers.get('accept-patch')).toBe(`${type}, application/json`);
    }
    expect((await user.get('/links')).headers.get('accept-patch')).toBeNull();
  });

  it('only a PATCH is a merge patch', async () => {
    const headers = { 'content-type': 'application/merge-patch+json' };
    expect((await user.post('/links', { url: 'https://example.org/' }, headers)).status).toBe(415);
  });

  it.each([
    'Content-Type: application/json\r\n',
    'Content-Type: application/json\r\nContent-Length: 0\r\n',
    'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n',
    'Content-Type: nonsense\r\n',
    'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n',
    'Content-Length: 0\r\n',
    '',
  ])('a DELETE without a body is one, with the headers %j', async (headers) => {
    const { id } = await user.shorten();
    const isChunked = headers.includes('chunked');
    const request =
      `DELETE /api/v1/links/${id} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n` +
      `Authorization: Bearer ${user.token}\r\n${headers}\r\n${isChunked ? '0\r\n\r\n' : ''}`;
    expect(await statusOf(server.url, request)).toBe(204);
  });

  it('a link has ten tags at most', async () => {
    // The longest that there can be, none of which compresses: all fit into the index.
    const tags = Array.from({ length: 10 }, () =>
      Array.from({ length: 50 }, () =>
        String.fromCodePoint(0x20000 + Math.floor(Math.random() * 40_000)),
      ).join(''),
    );
    const { id } = await user.shorten({ tags });
    expect((await user.get(`/links/${id}`)).body['tags']).toEqual(tags);
    const { status, body } = await user.patch(`/links/${id}`, { tags: [...tags, 'x'] });
    expect([status, body['errors'][0].pointer]).toEqual([400, '/tags']);
  });

  it('a tag is the same in every form', async () => {
    const { id, tags } = await user.shorten({ tags: ['Bu\u0308cher', 'Bücher'] });
    expect(tags).toEqual(['Bücher']);
    for (const tag of ['Bücher', 'Bu\u0308cher']) {
      const { body } = await user.get(`/links?tag=${encodeURIComponent(tag)}`);
      expect(body['items']).toMatchObject([{ id }]);
    }
  });

  it.each([
    ['GET', '/api/v1/nothing', 404],
    ['GET', '/api/nothing', 404],
    ['POST', '/api/v1/auth/me', 405],
    ['GET', '/api/v1/%zz', 400],
  ])('%s %s is in the log', async (method, path, status) => {
    const line = `${method} ${path} ${status}`;
    expect(
      await statusOf(
        server.url,
        `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      ),
    ).toBe(status);
    const log = await eventually(
      async () => server.log,
      (text) => text.includes(line),
    );
    const lines = log.split('\n').filter((text) => text.includes(line));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'info', method, path, status });
  });
});

/** As it is written, which no HTTP client would send. */
function statusOf(url: string, request: string): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(Number(answer.split(' ', 2)[1])));
  });
}
