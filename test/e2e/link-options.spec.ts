import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BROWSER, follow, TestUser } from '../support/api.js';
import { type Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const url = 'https://example.com/';
const fallbackUrl = 'https://example.com/too-late';
const past = () => new Date(Date.now() - 1_000).toISOString();

describe('A link can do more than redirect', () => {
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    server = await startServer({ env: { LOG_LEVEL: 'trace' } });
    user = await TestUser.register(server.url);
  });
  afterAll(() => server.remove());

  /** The status, and where it leads; by a connection of its own, so that nothing is left in memory. */
  async function visit(path: string, method = 'GET'): Promise<[number, string | null]> {
    const { status, headers } = await follow(server.url, path, {}, method);
    return [status, headers.get('location')];
  }
  const codeOf = (link: Fields): string => link['code'] as string;
  /** Changes a link, and waits for nothing: a change is heard of at once. */
  const change = (link: Fields, changes: object) => user.patch(`/links/${link['id']}`, changes);

  it('and says so, from the beginning and after a change', async () => {
    const options = {
      disabled: true,
      note: 'Ordered by marketing.\r\n\tGoes with the poster.',
      fallbackUrl,
      forwardQuery: true,
      forwardPath: true,
      trackClicks: false,
    };
    const link = await user.shorten(options);
    expect(link).toMatchObject({ ...options, hasPassword: false });
    const off = {
      disabled: false,
      note: null,
      fallbackUrl: null,
      forwardQuery: false,
      forwardPath: false,
      trackClicks: true,
    };
    expect(await user.shorten()).toMatchObject(off);
    expect((await change(link, off)).body).toMatchObject(off);
    expect((await user.get(`/links/${link['id']}`)).body).toMatchObject(off);
    const history = (await user.get(`/links/${link['id']}/history`)).body['items'] as Fields[];
    expect(history[0]!['changes']['fallbackUrl']).toEqual({ from: fallbackUrl, to: null });
    const restored = await user.post(`/links/${link['id']}/restore`, { version: 1 });
    expect(restored.body).toMatchObject(options);
  });

  it('and names all that is wrong with it', async () => {
    const { status, body } = await user.post('/links', {
      url,
      disabled: null,
      note: 'a\u0000',
      fallbackUrl: 'javascript:alert(1)',
      forwardQuery: 'yes',
      forwardPath: 1,
      trackClicks: [],
    });
    expect(status).toBe(400);
    expect((body['errors'] as Fields[]).map(({ pointer }) => pointer as string).toSorted()).toEqual(
      ['/disabled', '/fallbackUrl', '/forwardPath', '/forwardQuery', '/note', '/trackClicks'],
    );
    const own = { url, fallbackUrl: `${server.url}/a`, note: 'x'.repeat(2_001) };
    const errors = (await user.post('/links', own)).body['errors'] as Fields[];
    expect(errors.map(({ pointer, code }) => [pointer, code])).toEqual([
      ['/note', 'too-long'],
      ['/fallbackUrl', 'invalid'],
    ]);
  });

  it('is switched off and on by its workspace', async () => {
    const link = await user.shorten({ fallbackUrl });
    expect(await visit(codeOf(link))).toEqual([302, url]);
    await change(link, { disabled: true });
    for (const method of ['GET', 'HEAD'])
      expect(await visit(codeOf(link), method)).toEqual([410, null]);
    const { text } = await follow(server.url, codeOf(link), { accept: 'application/json' });
    expect(JSON.parse(text)).toMatchObject({ code: 'link-switched-off' });
    await change(link, { disabled: false });
    expect(await visit(codeOf(link))).toEqual([302, url]);
  });

  it('leads elsewhere when it has expired or is used up, which is no click', async () => {
    const expired = await user.shorten({ fallbackUrl, redirectStatus: 301 });
    await change(expired, { expiresAt: past() });
    const spent = await user.shorten({ fallbackUrl, maxClicks: 1 });
    expect(await visit(codeOf(spent))).toEqual([302, url]);
    for (const method of ['GET', 'HEAD', 'GET']) {
      expect(await visit(codeOf(spent), method)).toEqual([302, fallbackUrl]);
      expect(await visit(codeOf(expired), method)).toEqual([302, fallbackUrl]);
    }
    await user.delete(`/links/${expired['id']}`);
    expect(await visit(codeOf(expired))).toEqual([410, null]);
    const counted = await user.shorten();
    await visit(codeOf(counted));
    await user.totals(counted['id'] as string, 1);
    expect((await user.totals(spent['id'] as string, 1))['clicks']).toBe(1);
    expect((await user.totals(expired['id'] as string, 0))['clicks']).toBe(0);
  });

  it('does not lead to a blocked host when it has expired', async () => {
    // The first user of an installation is its administrator.
    const link = await user.shorten({ fallbackUrl: 'https://bad.example.org/' });
    const refused = { fallbackUrl: 'https://a.bad.example.org/', url: 'https://bad.example.org/' };
    await change(link, { expiresAt: past() });
    await user.put('/admin/blocked-hosts/bad.example.org', { reason: 'Phishing' });
    expect(await visit(codeOf(link))).toEqual([410, null]);
    const { status, body } = await user.post('/links', refused);
    const pointers = (body['errors'] as Fields[]).map(({ pointer }) => pointer as string);
    expect([status, pointers]).toEqual([400, ['/url', '/fallbackUrl']]);
  });

  it("adds the visitor's query to its own", async () => {
    const link = await user.shorten({ url: `${url}?a=1#top`, forwardQuery: true });
    const code = codeOf(link);
    expect(await visit(code)).toEqual([302, `${url}?a=1#top`]);
    expect(await visit(`${code}?a=2&x=%C3%BC+y&A[]=3`)).toEqual([302, `${url}?a=1&x=%C3%BC+y#top`]);
    expect(await visit(`${code}?x=%0d%0aSet-Cookie:a`, 'HEAD')).toEqual([
      302,
      `${url}?a=1&x=%0d%0aSet-Cookie:a#top`,
    ]);
    const plain = await user.shorten();
    expect(await visit(`${codeOf(plain)}?x=1`)).toEqual([302, url]);
  });

  it('adds the path behind its code to its own', async () => {
    const link = await user.shorten({ url: `${url}base/?q=1`, forwardPath: true });
    const code = codeOf(link);
    expect(await visit(code)).toEqual([302, `${url}base/?q=1`]);
    expect(await visit(`${code}/`)).toEqual([302, `${url}base/?q=1`]);
    expect(await visit(`${code}/a/b%20c/?x=1`)).toEqual([302, `${url}base/a/b%20c/?q=1`]);
    expect(await visit(`${code}/a`, 'HEAD')).toEqual([302, `${url}base/a?q=1`]);
    expect(await visit(`${code}//evil.example/a`)).toEqual([302, `${url}base/evil.example/a?q=1`]);
    for (const path of ['a/%252e%252e/b', 'a/..;/b', 'a%5c..%5c..%5cb', 'a/..%2f..%2fb', 'a%00']) {
      expect([path, ...(await visit(`${code}/${path}`))]).toEqual([path, 404, null]);
    }
    const [one, two] = [randomUUID(), randomUUID()];
    expect((await visit(`${code}/${one}?token=${two}`))[0]).toBe(302);
    // Each of them was a click.
    const clicks = await user.totals(link['id'] as string, 5);
    expect(clicks['clicks']).toBe(5);
    expect(server.log).not.toMatch(new RegExp(`${one}|${two}`));
  });

  it('has nothing behind its code otherwise', async () => {
    const { code } = await user.shorten();
    for (const path of [`${code}/a`, 'no-such-link/a', 'api/nothing', 'docs-of/a.js']) {
      const answer = await follow(server.url, path, { accept: 'application/json' });
      expect([answer.status, JSON.parse(answer.text)]).toEqual([
        404,
        expect.objectContaining({ code: 'not-found', detail: 'There is nothing at this path.' }),
      ]);
    }
    const posted = await fetch(`${server.url}/${code}/a`, { method: 'POST' });
    expect(posted.status).toBe(404);
  });

  it('counts no clicks, and spends them all the same', async () => {
    const link = await user.shorten({ trackClicks: false, maxClicks: 2 });
    const counted = await user.shorten();
    expect(await visit(codeOf(link))).toEqual([302, url]);
    expect(await visit(codeOf(link))).toEqual([302, url]);
    expect(await visit(codeOf(link))).toEqual([410, null]);
    expect((await follow(server.url, codeOf(counted), { 'user-agent': BROWSER })).status).toBe(302);
    await user.totals(counted['id'] as string, 1);
    expect((await user.totals(link['id'] as string, 0))['clicks']).toBe(0);
  });
});
