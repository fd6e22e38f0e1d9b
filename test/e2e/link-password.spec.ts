import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BROWSER, follow, TestUser } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const url = 'https://example.com/secret-place';
const password = `open ${randomBytes(8).toString('hex')} Sésame`;
const HTML = 'text/html,application/xhtml+xml,*/*;q=0.8';

describe('A link with a password', () => {
  let database: TestDatabase;
  let server: TestServer;
  let other: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    database = await createDatabase();
    const env = {
      JWT_SECRET: 'one secret for both of them, 32 bytes and more',
      RATE_LIMIT_WRONG_LINK_PASSWORDS_PER_MINUTE: '3',
      TRUSTED_PROXIES: '127.0.0.1',
      LOG_LEVEL: 'trace',
    };
    server = await startServer({ databaseUrl: database.url, env });
    other = await startServer({
      databaseUrl: database.url,
      env: { ...env, PUBLIC_URL: 'https://go.example.com/to' },
    });
    user = await TestUser.register(server.url);
  });
  afterAll(async () => {
    for (const one of [server, other]) await one.remove();
    await database.drop();
  });

  const locked = (link: object = {}) => user.shorten({ url, password, ...link });
  let visitors = 0;
  /** Somebody from an address of their own. */
  const somebody = () => ({ 'x-forwarded-for': `203.0.113.${(visitors += 1)}` });

  async function send(
    path: string,
    body: string | Record<string, string>,
    headers: Record<string, string> = somebody(),
    baseUrl = server.url,
  ) {
    const answer = await fetch(`${baseUrl}/${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'user-agent': BROWSER,
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
      body: typeof body === 'string' ? body : new URLSearchParams(body).toString(),
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }
  const codeOf = ({ text }: { text: string }) => (JSON.parse(text) as Fields)['code'] as string;
  const cookieOf = ({ headers }: { headers: Headers }) =>
    headers.get('set-cookie')!.split(';', 1)[0]!;

  it('asks people by a form, which says nothing of where it leads', async () => {
    const link = await locked({ title: 'The secret place', note: 'A note' });
    expect(link).toMatchObject({ hasPassword: true });
    for (const method of ['GET', 'HEAD']) {
      const page = await follow(server.url, link['code'], { accept: HTML }, method);
      expect([page.status, page.headers.get('location')]).toEqual([200, null]);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.headers.get('cache-control')).toBe('no-store');
      expect(page.headers.get('x-robots-tag')).toBe('noindex');
      const policy = page.headers.get('content-security-policy')!;
      expect(policy).toContain("default-src 'none'");
      // Browsers would hold it against the target, to which the answer redirects in the end.
      expect(policy).not.toContain('form-action');
      if (method === 'HEAD') continue;
      expect(page.text).toContain('<form method="post">');
      expect(page.text).toContain('<meta name="robots" content="noindex">');
      expect(page.text).not.toMatch(/script|secret|note/i);
    }
  });

  it('tells programs that it has one', async () => {
    const link = await locked();
    const answer = await user.client.get(`/${link['code']}`);
    expect([answer.status, answer.body['code']]).toEqual([401, 'password-required']);
    expect((await user.client.head(`/${link['code']}`)).status).toBe(401);
    const wrong = await user.client.request('POST', `/${link['code']}`, 'password=wrong', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect([wrong.status, wrong.body['code']]).toEqual([403, 'wrong-link-password']);
  });

  it('redirects whoever knows it, by a cookie for this link, and counts one click', async () => {
    const link = await locked({ maxClicks: 2 });
    const path = link['code'] as string;
    const wrong = await send(path, { password: 'wrong' }, { accept: HTML, ...somebody() });
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([403, null]);
    expect(wrong.text).toContain('This is not the password.');
    expect(wrong.text).toContain('<form method="post">');
    const right = await send(path, { password });
    expect([right.status, right.headers.get('location')]).toEqual([303, `/${path}`]);
    expect(right.headers.get('cache-control')).toBe('no-store');
    expect(right.headers.get('set-cookie')).toMatch(
      new RegExp(
        `^signpost_unlocked=[\\d]+\\.[\\w-]+; Path=/${path}; Max-Age=900; HttpOnly; SameSite=Lax$`,
      ),
    );
    const cookie = cookieOf(right);
    expect((await follow(server.url, path, { cookie }, 'HEAD')).headers.get('location')).toBe(url);
    // By the other process, too, and beside cookies of others.
    for (const one of [server, other]) {
      const answer = await follow(one.url, path, { cookie: `a=b; ${cookie}; c="d"` });
      expect([answer.status, answer.headers.get('location')]).toEqual([302, url]);
    }
    expect((await follow(server.url, path, { cookie })).status).toBe(410);
    expect((await user.totals(link['id'] as string, 2))['clicks']).toBe(2);
  });

  it('sets its cookie below PUBLIC_URL, and for https alone where that is https', async () => {
    const { code } = await locked();
    const right = await send(code as string, { password }, somebody(), other.url);
    expect(right.headers.get('location')).toBe(`/to/${code}`);
    expect(right.headers.get('set-cookie')).toMatch(
      new RegExp(`; Path=/to/${code}; Max-Age=900; HttpOnly; SameSite=Lax; Secure$`),
    );
  });

  it('takes no cookie that is not its own', async () => {
    const [one, two] = [await locked(), await locked()];
    const cookie = cookieOf(await send(one['code'] as string, { password }));
    const status = async (path: unknown, sent: string) =>
      (await follow(server.url, path as string, { cookie: sent, accept: 'application/json' }))
        .status;
    expect(await status(one['code'], cookie)).toBe(302);
    expect(await status(two['code'], cookie)).toBe(401);
    const [, end, signature] = /=(\d+)\.(.*)/.exec(cookie)!;
    for (const forged of [
      `signpost_unlocked=${Number(end) + 1}.${signature}`,
      `signpost_unlocked=${Number(end) + 10_000}.${signature}`,
      `signpost_unlocked=${end}.${'A'.repeat(43)}`,
      `signpost_unlocked=${end}.`,
      `x${cookie}`,
      `${cookie}x`,
    ]) {
      expect([forged, await status(one['code'], forged)]).toEqual([forged, 401]);
    }
    await user.patch(`/links/${one['id']}`, { password: 'another one' });
    expect(await status(one['code'], cookie)).toBe(401);
    await user.patch(`/links/${one['id']}`, { password: null });
    expect(await status(one['code'], '')).toBe(302);
  });

  it('comes back to where the form was, with path and query', async () => {
    const link = await locked({ forwardPath: true, forwardQuery: true });
    const path = `${link['code']}/a/b?x=%C3%BC&y=//evil.example`;
    expect((await follow(server.url, path, { accept: HTML })).status).toBe(200);
    const right = await send(path, { password });
    expect([right.status, right.headers.get('location')]).toEqual([303, `/${path}`]);
    const answer = await follow(server.url, path, { cookie: cookieOf(right) });
    expect(answer.headers.get('location')).toBe(`${url}/a/b?x=%C3%BC&y=//evil.example`);
    expect((await send(`${link['code']}/a/..;/b`, { password })).status).toBe(404);
  });

  it.each([
    ['nothing', '', 400],
    ['no password', 'a=b', 400],
    ['an empty one', 'password=', 400],
    ['two', 'password=a&password=b', 400],
    ['something else as well', 'password=a&next=https://evil.example', 400],
    ['another one', 'password=wrong', 403],
    ['one that begins like it', `password=${encodeURIComponent(`${password}x`)}`, 403],
    ['it with a NUL', `password=${encodeURIComponent(password)}%00`, 403],
    ['a broken encoding', 'password=%zz%', 403],
    ['more than a password can be', `password=${'x'.repeat(2_000)}`, 413],
  ])('refuses %s', async (_, body, status) => {
    const link = await locked();
    const answer = await send(link['code'] as string, body, {
      accept: 'application/json',
      ...somebody(),
    });
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([status, null]);
  });

  it('compares all of a password that is as long as one can be', async () => {
    const longest = 'ü'.repeat(36);
    const link = await locked({ password: longest });
    const path = link['code'] as string;
    expect((await send(path, { password: `${longest}x` })).status).toBe(403);
    // As some keyboards make them.
    expect((await send(path, { password: longest.normalize('NFD') })).status).toBe(303);
  });

  it('takes its password from a form alone', async () => {
    const path = (await locked())['code'] as string;
    const asJson = { 'content-type': 'application/json', ...somebody() };
    expect((await send(path, JSON.stringify({ password }), asJson)).status).toBe(415);
    const query = `?password=${encodeURIComponent(password)}`;
    expect((await follow(server.url, path + query, { accept: 'application/json' })).status).toBe(
      401,
    );
    expect((await send(path + query, { password: 'wrong' })).status).toBe(403);
  });

  it('is the only kind of link that can be posted to', async () => {
    const { code } = await user.shorten();
    const later = new Date(Date.now() + 60_000).toISOString();
    const notYet = await locked({ startsAt: later });
    for (const path of [code, 'no-such-link', notYet['code']]) {
      const answer = await send(path as string, { password }, { accept: 'application/json' });
      expect([answer.status, codeOf(answer)]).toEqual([405, 'method-not-allowed']);
      expect(answer.headers.get('allow')).toBe('GET, HEAD');
    }
    const over = await locked();
    await user.patch(`/links/${over['id']}`, { disabled: true });
    const answer = await send(over['code'] as string, { password });
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([303, null]);
    expect((await follow(server.url, over['code'] as string)).status).toBe(410);
  });

  it('lets nobody guess for long, and who knows it from where they are get in all the same', async () => {
    const path = (await locked())['code'] as string;
    const [friend, guesser] = [somebody(), somebody()];
    expect((await send(path, { password }, friend)).status).toBe(303);
    for (let n = 0; n < 3; n += 1) {
      expect((await send(path, { password: 'wrong' }, guesser)).status).toBe(403);
    }
    const refused = await send(path, { password }, { ...guesser, accept: HTML });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.text).toContain('Too many wrong passwords');
    // From everywhere: thirty.
    for (let n = 0; n < 27; n += 1) await send(path, { password: 'wrong' }, somebody());
    expect((await send(path, { password }, somebody())).status).toBe(429);
    expect((await send(path, { password }, friend)).status).toBe(303);
    // Another link is not concerned.
    expect((await send((await locked())['code'] as string, { password }, somebody())).status).toBe(
      303,
    );
  });

  it('keeps it from logs, answers and the trail, and as it is when it is restored', async () => {
    const link = await locked();
    const changed = await user.patch(`/links/${link['id']}`, { password: 'the second one' });
    expect(changed.body).toMatchObject({ hasPassword: true });
    await user.patch(`/links/${link['id']}`, { title: 'x' });
    const history = await user.get(`/links/${link['id']}/history`);
    expect(history.body['items'][1]['changes']).toEqual({
      passwordSetAt: { from: expect.any(String), to: expect.any(String) },
    });
    const restored = await user.post(`/links/${link['id']}/restore`, { version: 1 });
    expect(restored.body).toMatchObject({ hasPassword: true, title: null });
    const path = link['code'] as string;
    expect((await send(path, { password })).status).toBe(403);
    expect((await send(path, { password: 'the second one' })).status).toBe(303);
    const trail = await user.get(`/workspaces/${link['workspaceId']}/audit`);
    for (const text of [history.text, trail.text, restored.text, server.log]) {
      expect(text).not.toMatch(/\$2[aby]\$|sesame|Sésame|the second one/i);
      expect(text).not.toContain(password.slice(5, 15));
    }
  });

  it.each([
    ['too short', 'abc'],
    ['too long', 'ü'.repeat(37)],
    ['of several lines', 'abcd\nefgh'],
    ['empty', ''],
    ['a number', 1234],
  ])('must not be %s', async (_, wrong) => {
    const { status, body } = await user.post('/links', { url, password: wrong });
    expect([status, (body['errors'] as Fields[])[0]!['pointer']]).toEqual([400, '/password']);
  });
});
