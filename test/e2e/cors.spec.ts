import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestUser } from '../support/api.js';
import { startServer, type TestServer } from '../support/server.js';

const PAGE = 'https://app.example.com';
const OTHER_PAGE = 'http://localhost:5173';
const BY_CORS = /^access-control-/;

const corsHeaders = (headers: Headers) => [...headers.keys()].filter((name) => BY_CORS.test(name));

describe('Pages of other hosts', () => {
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    const env = { CORS_ORIGINS: `${PAGE},${OTHER_PAGE}`, RATE_LIMIT_API_PER_MINUTE: '20' };
    server = await startServer({ env });
    user = await TestUser.register(server.url);
  });
  afterAll(() => server.remove());

  const ask = (path: string, origin: string, init: RequestInit = {}) =>
    fetch(`${server.url}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { origin, ...(init.headers as Record<string, string>) },
    });
  const preflight = (path: string, origin: string) =>
    ask(path, origin, {
      method: 'OPTIONS',
      headers: {
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization,content-type,if-match',
      },
    });
  const words = (headers: Headers, name: string) =>
    (headers.get(name) ?? '').toLowerCase().split(/, */);

  it.each([PAGE, OTHER_PAGE])('that are on the list may call the API: %s', async (origin) => {
    const asked = await preflight('/api/v1/links/x', origin);
    expect([asked.status, await asked.text()]).toEqual([204, '']);
    expect(asked.headers.get('access-control-allow-origin')).toBe(origin);
    expect(words(asked.headers, 'vary')).toContain('origin');
    for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
      expect(words(asked.headers, 'access-control-allow-methods')).toContain(method);
    }
    const sent = ['authorization', 'content-type', 'if-match', 'if-none-match', 'idempotency-key'];
    expect(words(asked.headers, 'access-control-allow-headers')).toEqual(
      expect.arrayContaining(sent),
    );
    const headers = { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ url: 'https://example.com/' });
    const made = await ask('/api/v1/links', origin, { method: 'POST', headers, body });
    expect(made.status).toBe(201);
    expect(made.headers.get('access-control-allow-origin')).toBe(origin);
    const read = words(made.headers, 'access-control-expose-headers');
    for (const name of ['etag', 'location', 'ratelimit', 'ratelimit-policy', 'x-request-id']) {
      expect([name, made.headers.has(name), read.includes(name)]).toEqual([name, true, true]);
    }
    expect(made.headers.has('access-control-allow-credentials')).toBe(false);
  });

  it.each([
    'https://app.example.com.evil.example',
    'https://evil-app.example.com',
    'https://sub.app.example.com',
    'http://app.example.com',
    'https://app.example.com:444',
    'https://app.example.com/',
    'HTTPS://APP.EXAMPLE.COM',
    `${PAGE}, ${PAGE}`,
    'null',
    '*',
    '',
  ])('that are not on the list may not: %j', async (origin) => {
    const asked = await preflight('/api/v1/links', origin);
    expect([asked.status, corsHeaders(asked.headers)]).toEqual([405, []]);
    const answer = await ask('/api/v1/links', origin);
    expect([answer.status, corsHeaders(answer.headers)]).toEqual([401, []]);
    // So that no cache gives it to a page that may.
    expect(words(answer.headers, 'vary')).toContain('origin');
  });

  it('read why they are refused, whatever it is', async () => {
    const authorization = `Bearer ${user.token}`;
    const paths: [string, RequestInit, number][] = [
      ['/api/v1/links', {}, 401],
      ['/api/v1/nothing', {}, 404],
      ['/api/v1/links/x/stats', { headers: { authorization } }, 404],
      ['/api/v1/auth/me', { method: 'PUT' }, 405],
      ['/api/v1/auth/login', { method: 'POST', body: 'a=b' }, 415],
      ['/api/v1/auth/login', { method: 'POST', body: '{' }, 415],
    ];
    for (const [path, init, status] of paths) {
      const answer = await ask(path, PAGE, init);
      const { headers } = answer;
      expect([path, answer.status]).toEqual([path, status]);
      expect(headers.get('access-control-allow-origin')).toBe(PAGE);
      expect(words(headers, 'vary')).toContain('origin');
    }
  });

  it('vary statistics by what is asked for and by who asks', async () => {
    const { id } = await user.shorten();
    const { headers } = await user.get(`/links/${id}/stats`, { origin: PAGE });
    expect(headers.get('vary')).toBe('Accept, Origin');
  });

  it('ask as often as they like, without a token', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => preflight('/api/v1/links', PAGE)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    expect(answers.some(({ headers }) => headers.has('ratelimit'))).toBe(false);
    expect((await ask('/api/v1/links', PAGE)).status).not.toBe(429);
  });

  it('get at nothing but the API', async () => {
    const { code } = await user.shorten();
    for (const path of [`/${code}`, '/metrics', '/health', '/docs', '/openapi.json', '/', '/x']) {
      for (const answer of [await ask(path, PAGE), await preflight(path, PAGE)]) {
        expect([path, corsHeaders(answer.headers)]).toEqual([path, []]);
      }
    }
  });
});

it('Without CORS_ORIGINS no answer says anything of other hosts', async () => {
  const server = await startServer();
  const headers = { origin: PAGE, 'access-control-request-method': 'GET' };
  for (const method of ['OPTIONS', 'GET']) {
    const answer = await fetch(`${server.url}/api/v1/links`, { method, headers });
    expect([corsHeaders(answer.headers), answer.headers.get('vary')]).toEqual([[], null]);
  }
  await server.remove();
});
