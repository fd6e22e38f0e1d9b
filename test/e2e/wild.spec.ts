import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BROWSER, eventually, follow, TestUser } from '../support/api.js';
import { startServer, type TestServer } from '../support/server.js';

const PUBLIC_URL = 'https://example.com/go';
const TARGET = 'https://example.com/blog/summer';
/** As Firefox sends it. */
const PAGE = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const HTML = 'text/html; charset=utf-8';
const JSON_PROBLEM = 'application/problem+json; charset=utf-8';

interface RawAnswer {
  status: number;
  location: string | undefined;
  contentType: string | undefined;
}

/** Sends the bytes as they are, which no client does, and closes the connection after the answer. */
async function ask(
  url: string,
  path: string,
  { method = 'GET', headers = [] }: { method?: string; headers?: string[] } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: go.example.com', ...headers];
  socket.write([...lines, `User-Agent: ${BROWSER}`, '', ''].join('\r\n'), 'utf8');
  let heard = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    heard += text;
    if (heard.includes('\r\n\r\n')) socket.end();
  });
  await once(socket, 'close');
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(heard)?.[1]),
    location: /^location: (.*)\r$/im.exec(heard)?.[1],
    contentType: /^content-type: (.*)\r$/im.exec(heard)?.[1],
  };
}

/** The ways that a request can take: a plain connection, Node's HTTP, and the route alone. */
const WAYS: [name: string, options: { method?: string; headers?: string[] }][] = [
  ['a plain request', {}],
  ['a request that Node has to read', { headers: ['Connection: close'] }],
  ['HEAD', { method: 'HEAD' }],
];

/** What was copied with a link. */
const TRAILS =
  `/ // . , ) ! ; : " ' * > ] } ... ). /) /. %20 %09 %0A %C2%A0 %E2%80%8B %EF%BB%BF %C2%AD
  %E2%80%A6 %E2%80%9D %E3%80%82 %EF%BC%8C %E3%80%8D %EF%BC%89 %3F %3E %22 %F0%9F%91%88 %E8%B0%A2`.split(
    /\s+/,
  );

describe('Short links in the wild', () => {
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    server = await startServer({ env: { PUBLIC_URL } });
    user = await TestUser.register(server.url);
  }, 60_000);
  afterAll(() => server.remove());

  it.each(WAYS)('redirect whatever was copied with them, by %s', async (_, options) => {
    await user.shorten({ code: 'summer', url: TARGET }).catch(() => undefined);
    for (const trail of TRAILS) {
      const answer = await ask(server.url, `/summer${trail}`, options);
      expect({ trail, ...answer }).toEqual({ trail, status: 302, location: TARGET });
    }
  });

  it('do so as a click, once, with its query, and without a second redirect', async () => {
    const { id, code } = await user.shorten({ url: TARGET });
    for (const trail of TRAILS) {
      await ask(server.url, `/${code}${trail}?utm_source=mail.`);
      await ask(server.url, `/${code}${trail}`, { method: 'HEAD' });
    }
    const { clicks } = await user.totals(id, TRAILS.length, 5_000);
    expect(clicks).toBe(TRAILS.length);
    const { body } = await user.get(`/links/${id}/stats?groupBy=utm_source`);
    expect(body['breakdown'][0]).toMatchObject({ value: 'mail.', clicks: TRAILS.length });
  });

  it('spend the clicks of a link with a limit', async () => {
    const { code } = await user.shorten({ maxClicks: 2 });
    const paths = [`/${code}.`, `/${code}/`, `/${code})`];
    const statuses: number[] = [];
    for (const path of paths) statuses.push((await ask(server.url, path)).status);
    expect(statuses).toEqual([302, 302, 410]);
  });

  it('end with - and _ where their codes do', async () => {
    await user.shorten({ code: 'win', url: 'https://example.com/a' });
    await user.shorten({ code: 'win-', url: 'https://example.com/b' });
    await user.shorten({ code: 'win_', url: 'https://example.com/c' });
    const locations = await Promise.all(
      ['/win.', '/win-.', '/win_.', '/win__.'].map(
        async (path) => (await ask(server.url, path)).location,
      ),
    );
    expect(locations).toEqual([
      'https://example.com/a',
      'https://example.com/b',
      'https://example.com/c',
      undefined,
    ]);
  });

  it.each(WAYS)(
    'never redirect a file, a deeper path or a name with %%00, by %s',
    async (_, options) => {
      await user.shorten({ code: 'autumn' }).catch(() => undefined);
      const paths = [
        '.png',
        '%00',
        '%2F',
        '%2f.',
        '/x',
        '/x/',
        './x',
        '%2520',
        '%',
        '%zz',
        '%E2%80',
      ];
      for (const path of [
        ...paths.map((end) => `/autumn${end}`),
        '//autumn',
        '/.autumn',
        '/aut.umn',
      ]) {
        const { status, location } = await ask(server.url, path, options);
        expect([path, location]).toEqual([path, undefined]);
        expect([400, 404]).toContain(status);
      }
    },
  );

  it('lead nowhere near what the service answers itself', async () => {
    for (const path of ['/metrics/', '/metrics.', '/health)', '/openapi.json/', '/api/', '/api.']) {
      expect([path, (await ask(server.url, path)).status]).toEqual([path, 404]);
    }
    expect((await follow(server.url, 'docs/')).status).toBe(200);
  });

  it.each([
    ['an unknown code', '/no-such-link', 404],
    ['a deeper path', '/a/b', 404],
    ['a deeper path behind a code', '/summer/x', 404],
    ['two slashes', '//summer', 404],
    ['a file', '/summer.png', 404],
    ['a percent sign at the end', '/sale%', 400],
    ['a broken encoding', '/%zz', 400],
    ['half a character', '/%E2%80', 400],
    ['what only begins as the API does', '/apis', 404],
    ['the API in capitals', '/API/v1', 404],
    ['a code of 800 characters', `/${'a'.repeat(800)}`, 414],
    ['800 spaces', `/${'%20'.repeat(800)}`, 414],
  ])('show people a page instead of a problem: %s', async (_, path, status) => {
    for (const accept of [PAGE, 'TEXT/HTML', 'application/json;q=0.1, text/*']) {
      const answer = await ask(server.url, path, { headers: [`Accept: ${accept}`] });
      expect(answer).toEqual({ status, location: undefined, contentType: HTML });
    }
    for (const accept of ['*/*', 'text/html;q=0', 'Text/Html;Q=0, */*', 'application/json']) {
      const answer = await ask(server.url, path, { headers: [`Accept: ${accept}`] });
      expect(answer).toEqual({ status, location: undefined, contentType: JSON_PROBLEM });
    }
    expect((await ask(server.url, path)).contentType).toBe(JSON_PROBLEM);
  });

  it.each(['PUT', 'DELETE', 'OPTIONS'])('show people a page after %s', async (method) => {
    const headers = [`Accept: ${PAGE}`, 'Content-Length: 0'];
    const { status, contentType } = await ask(server.url, '/summer', { method, headers });
    expect([status, contentType]).toEqual([405, HTML]);
  });

  it('show people a page where the Host header is wrong', async () => {
    const headers = ['Host: again.example', `Accept: ${PAGE}`];
    expect(await ask(server.url, '/summer', { headers })).toMatchObject({
      status: 400,
      contentType: HTML,
    });
  });

  it.each([
    '/api',
    '/api/v1/links',
    '/api/v1/%zz',
    '/api/nothing',
    '/health/nothing',
    '/metrics/x',
  ])('leave problems to programs at %s, whatever is asked for', async (path) => {
    const { contentType } = await ask(server.url, path, { headers: [`Accept: ${PAGE}`] });
    expect(contentType).toBe(JSON_PROBLEM);
  });

  it('tell people a page that shows nothing of the request and loads nothing', async () => {
    const { text, headers } = await follow(server.url, 'a/<script>?<b>', { accept: PAGE });
    expect(text).toContain('<h1>This short link does not exist</h1>');
    expect(text).not.toMatch(/script|<b>/);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; style-src");
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('cache-control')).toContain('no-store');
  });

  it('have a host that says what it is, as the OpenAPI document says', async () => {
    const root = await user.client.get('/');
    expect(root.body).toEqual({
      name: 'Signpost',
      api: `${PUBLIC_URL}/api/v1`,
      openapi: `${PUBLIC_URL}/openapi.json`,
    });
    const page = await user.client.get('/', { headers: { accept: PAGE } });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, HTML]);
    expect(page.text).toContain('<h1>Signpost</h1>');
    expect((await user.client.head('/')).status).toBe(200);
    const icon = await fetch(`${server.url}/favicon.ico`);
    expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/x-icon']);
    expect([...new Uint8Array(await icon.arrayBuffer()).subarray(0, 4)]).toEqual([0, 0, 1, 0]);
    expect(icon.headers.get('cache-control')).toBe('public, max-age=604800');
    const robots = await user.client.get<string>('/robots.txt');
    expect(robots.body).toBe('User-agent: *\nDisallow: /\n');
    expect(robots.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });

  it('stand below the path of PUBLIC_URL, and may lead to whatever else is on its host', async () => {
    const allowed = ['/blog', '/', '/gopher', '/go-x', '/blog/go/x'];
    for (const path of allowed) {
      const { status, body, headers } = await user.post('/links', {
        url: `https://example.com${path}`,
      });
      expect([path, status]).toEqual([path, 201]);
      expect(body['shortUrl']).toBe(`${PUBLIC_URL}/${body['code']}`);
      expect(headers.get('location')).toBe(`/go/api/v1/links/${body['id']}`);
    }
    for (const url of [
      'https://example.com/go',
      'https://example.com/go/x',
      'http://example.com/go/x',
      'https://EXAMPLE.com.:443/%67o/x',
      'https://example.com/blog/../go',
    ]) {
      const { status, body } = await user.post('/links', { url });
      const detail = body['errors']?.[0]?.detail;
      expect([url, status, detail]).toEqual([url, 400, 'url must not lead back to this service']);
    }
    const document = await (await fetch(`${server.url}/openapi.json`)).json();
    expect(document).toMatchObject({ servers: [{ url: PUBLIC_URL }] });
    const docs = await follow(server.url, 'docs', { accept: PAGE });
    expect(docs.text).not.toMatch(/(?:src|href)="\//);
  });

  it.each(['docs', 'Health', 'metrics', 'robots', 'favicon', 'app', 'api', 'openapi'])(
    'cannot have the code %s, which is the service itself',
    async (code) => {
      const { status, body } = await user.post('/links', { url: TARGET, code });
      expect([status, body['errors'][0].detail]).toEqual([
        400,
        expect.stringContaining('reserved'),
      ]);
    },
  );
});

describe('An operator', () => {
  const ROOT = 'https://www.example.com/';
  const NOT_FOUND = 'https://www.example.com/no-such-link';
  const EXPIRED = 'https://www.example.com/too-late';
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    server = await startServer({
      env: {
        ROOT_REDIRECT_URL: 'https://www.example.com',
        NOT_FOUND_REDIRECT_URL: NOT_FOUND,
        EXPIRED_REDIRECT_URL: EXPIRED,
        ROBOTS: 'allow',
      },
    });
    user = await TestUser.register(server.url);
  }, 60_000);
  afterAll(() => server.remove());

  it.each(['GET', 'HEAD'])('sends everybody who asks for nothing else on (%s)', async (method) => {
    for (const accept of [PAGE, 'application/json', '*/*']) {
      for (const [path, location] of [
        ['', ROOT],
        ['unknown', NOT_FOUND],
        ['unknown/?a=b', NOT_FOUND],
      ] as const) {
        const answer = await follow(server.url, path, { accept }, method);
        expect([path, answer.status, answer.headers.get('location'), answer.text]).toEqual([
          path,
          302,
          location,
          '',
        ]);
        expect(answer.headers.get('cache-control')).toContain('no-store');
      }
    }
  });

  it('sends who comes too late on, also by the last click, and who comes too early', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
    const [expired, spent, deleted, later] = await Promise.all([
      user.shorten(),
      user.shorten({ maxClicks: 1 }),
      user.shorten(),
      user.shorten({ startsAt: inAnHour }),
    ]);
    await user.patch(`/links/${expired['id']}`, { expiresAt: anHourAgo });
    await user.delete(`/links/${deleted['id']}`);
    expect((await follow(server.url, spent['code'])).headers.get('location')).toBe(
      'https://example.com/',
    );
    for (const [link, location] of [
      [expired, EXPIRED],
      [spent, EXPIRED],
      [deleted, EXPIRED],
      [later, NOT_FOUND],
    ] as const) {
      const where = async () =>
        (await follow(server.url, link['code'] as string)).headers.get('location');
      expect(await eventually(where, (url) => url === location)).toBe(location);
    }
    const counted = await user.get(`/links/${expired['id']}`);
    expect(counted.body['clicks']).toBe(0);
  });

  it('does not send on who asks the API, for a file, or for a link that was taken down', async () => {
    const { code } = await user.shorten();
    await user.patch(`/admin/links/${code}`, { disabled: true, reason: 'Phishing' });
    const disabled = async () => (await follow(server.url, code)).status;
    expect(await eventually(disabled, (status) => status === 410)).toBe(410);
    for (const path of ['api', 'api/', 'api/v1/x', 'wp-login.php', 'unknown.png', 'a/b', '%00']) {
      const { status } = await follow(server.url, path, { accept: PAGE });
      expect([path, [400, 404].includes(status)]).toEqual([path, true]);
    }
  });

  it('lets crawlers follow short links', async () => {
    const { text } = await follow(server.url, 'robots.txt');
    expect(text).toBe('User-agent: *\nDisallow: /api/\n');
  });
});
