import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, follow, TestUser } from '../support/api.js';
import { askHost } from '../support/ask-host.js';
import { startServer, type TestServer } from '../support/server.js';

const JSON_FIRST = { accept: 'application/json' };
const PAGE = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('A preview of a short link', () => {
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    server = await startServer({ env: { RATE_LIMIT_UNKNOWN_CODES_PER_MINUTE: '200' } });
    user = await TestUser.register(server.url);
  });
  afterAll(() => server.remove());

  const look = (code: string, headers: Record<string, string> = PAGE, method = 'GET') =>
    follow(server.url, `${code}+`, headers, method);

  it('tells people and programs where it leads, and since when it is there', async () => {
    const link = await user.shorten({ url: 'https://example.com/a?b=c&d=e#f', title: 'A title' });
    const { shortUrl, code, createdAt } = link as Record<string, string>;
    const told = await look(code!, JSON_FIRST);
    expect(told.status).toBe(200);
    expect(JSON.parse(told.text)).toEqual({
      shortUrl,
      hasPassword: false,
      url: 'https://example.com/a?b=c&d=e#f',
      hasOtherTargets: false,
      title: 'A title',
      createdAt,
    });
    const page = await look(code!);
    expect(page.status).toBe(200);
    expect(page.text).toContain(
      'href="https://example.com/a?b=c&#38;d=e#f" rel="noreferrer nofollow"',
    );
    expect(page.text).toContain(`<time datetime="${createdAt}">`);
    expect(page.text).toContain('A title');
    expect(page.text).toContain('<svg xmlns="http://www.w3.org/2000/svg"');
  });

  it('tells nothing of a link with a password but that it has one', async () => {
    const { shortUrl, code } = await user.shorten({ title: 'Secret plans', password: 'sesame' });
    const told = await look(code as string, JSON_FIRST);
    expect(JSON.parse(told.text)).toEqual({
      shortUrl,
      hasPassword: true,
      url: null,
      hasOtherTargets: false,
      title: null,
      createdAt: null,
    });
    const { text } = await look(code as string);
    expect(text).toContain('has a password');
    expect(text).not.toMatch(/example\.com|Secret plans|<time|<svg/);
  });

  it('says that some are led elsewhere, and not where', async () => {
    const url = 'https://example.com/for-phones';
    const { code } = await user.shorten({ rules: [{ when: { device: ['mobile'] }, url }] });
    expect(JSON.parse((await look(code as string, JSON_FIRST)).text).hasOtherTargets).toBe(true);
    const { text } = await look(code as string);
    expect(text).toContain('some visitors elsewhere');
    expect(text).not.toContain('for-phones');
  });

  it('is a page that loads and runs nothing, and is neither kept nor found', async () => {
    const { code } = await user.shorten();
    const { headers, text } = await look(code as string);
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'unsafe-inline'/,
    );
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect([headers.get('cache-control'), headers.get('x-robots-tag')]).toEqual([
      'no-store',
      'noindex',
    ]);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('vary')).toBe('accept');
    expect(text).not.toMatch(/<script|<img|<link|<iframe|\son\w+=|url\(|@import/i);
  });

  it('shows what others have written as text, whatever it looks like', async () => {
    const title = `"><script>alert(1)</script><svg onload='x'>\u202Egpj.exe & more`;
    const url = 'https://example.com/?q="><script>alert(1)</script>&x=\'y';
    const { code } = await user.shorten({ title, url });
    const { text } = await look(code as string);
    expect(text).not.toMatch(/<script|<svg onload/);
    expect(text).toContain('<bdi>&#34;&#62;&#60;script&#62;alert(1)');
    expect(JSON.parse((await look(code as string, JSON_FIRST)).text).title).toBe(title);
  });

  it('is no click, and spends none', async () => {
    const link = await user.shorten({ maxClicks: 1 });
    const code = link['code'] as string;
    for (const method of ['GET', 'HEAD']) {
      expect((await look(code, PAGE, method)).status).toBe(200);
    }
    expect((await follow(server.url, code)).status).toBe(302);
    expect((await follow(server.url, code)).status).toBe(410);
    expect((await look(code)).status).toBe(410);
    expect(await user.totals(link['id'] as string, 1)).toMatchObject({ clicks: 1 });
  });

  it.each([
    ['%2B', 200],
    ['+.', 200],
    ['+?utm_source=mail', 200],
    ['+%E2%80%8B', 200],
    ['.+', 302],
    ['+/', 200],
    ['+x', 404],
    ['+.png', 404],
  ])('is asked for by a plus directly behind the code: %s gets %i', async (trail, status) => {
    const { code } = await user.shorten();
    expect((await follow(server.url, `${code}${trail}`)).status).toBe(status);
  });

  it('tells nothing of a link that does not redirect, nor of what is none', async () => {
    const later = new Date(Date.now() + 86_400_000).toISOString();
    const deleted = await user.shorten();
    await user.delete(`/links/${deleted['id']}`);
    const taken = await user.shorten();
    await user.patch(`/admin/links/${taken['code']}`, { disabled: true, reason: 'spam' });
    const early = await user.shorten({ startsAt: later });
    for (const [code, status, problem] of [
      [deleted['code'], 410, 'link-gone'],
      [taken['code'], 410, 'link-disabled'],
      [early['code'], 404, 'link-not-found'],
      ['never-there', 404, 'link-not-found'],
      ['health', 404, 'link-not-found'],
      ['', 404, 'link-not-found'],
    ] as [string, number, string][]) {
      const answer = await look(code, JSON_FIRST);
      expect([code, answer.status, JSON.parse(answer.text).code]).toEqual([code, status, problem]);
      expect((await look(code)).text).not.toContain('https://example.com/');
    }
  });

  it('is of the host that it is asked on', async () => {
    const workspace = (await user.get('/workspaces')).body['items'][0].id as string;
    const domain = await user.post(`/workspaces/${workspace}/domains`, {
      host: 'go.brand.example',
    });
    await user.post(`/admin/domains/${domain.body['id']}/verify`, undefined);
    const link = await user.shorten({
      code: 'both',
      domain: 'go.brand.example',
      url: 'https://brand.example/',
    });
    await user.shorten({ code: 'both' });
    const told = await eventually(
      () => askHost(server.url, 'go.brand.example', '/both+', JSON_FIRST),
      ({ text }) => text.includes('brand'),
    );
    expect(JSON.parse(told.text)).toMatchObject({
      shortUrl: link['shortUrl'],
      url: 'https://brand.example/',
    });
    expect(JSON.parse((await look('both', JSON_FIRST)).text).url).toBe('https://example.com/');
  });
});

describe('Previews from one address', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({ env: { RATE_LIMIT_UNKNOWN_CODES_PER_MINUTE: '5' } });
  });
  afterAll(() => server.remove());

  it('are limited like unknown codes, and redirects are not', async () => {
    const user = await TestUser.register(server.url);
    const { code } = await user.shorten();
    const statuses: number[] = [];
    for (let n = 0; n < 7; n += 1) statuses.push((await follow(server.url, `${code}+`)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect((await follow(server.url, code as string)).status).toBe(302);
  });
});
