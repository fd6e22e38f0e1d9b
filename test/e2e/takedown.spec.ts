import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, follow, TestUser } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { startServer, type TestServer } from '../support/server.js';

describe('An administrator', () => {
  let database: TestDatabase;
  let servers: TestServer[];
  let admin: TestUser;
  let user: TestUser;

  beforeAll(async () => {
    database = await createDatabase();
    const env = { JWT_SECRET: 'one secret for both of them, 32 bytes and more' };
    const options = { databaseUrl: database.url, env };
    servers = [await startServer(options), await startServer(options)];
    // The first user of an installation.
    admin = await TestUser.register(servers[0]!.url);
    user = await TestUser.register(servers[0]!.url);
  });
  afterAll(async () => {
    for (const server of servers) await server.remove();
    await database.drop();
  });

  const idOf = async (one: TestUser) => (await one.get('/auth/me')).body['id'] as string;
  const statuses = (code: string) =>
    Promise.all(servers.map(async ({ url }) => (await follow(url, code)).status));
  /** What visitors get through both processes, a second after it changed. */
  const becomes = (code: string, status: number) =>
    eventually(
      () => statuses(code),
      (found) => found.every((one) => one === status),
      1_000,
    );
  const answerOf = async (code: string): Promise<[number, unknown]> => {
    const { status, text } = await follow(servers[1]!.url, code, { accept: 'application/json' });
    return [status, (JSON.parse(text) as { code: string }).code];
  };
  const pageOf = async (code: string) =>
    (await follow(servers[1]!.url, code, { accept: 'text/html' })).text;

  it('takes a link down in every process, and its workspace sees why and cannot undo it', async () => {
    const link = await user.shorten({
      url: 'https://bank.example.com/login',
      tags: ['x'],
      rules: [{ when: { query: { x: ['1'] } }, url: 'https://trap.example.com/' }],
      fallbackUrl: 'https://late.example.com/',
    });
    const code = link['code'] as string;
    expect(await statuses(code)).toEqual([302, 302]);
    const reason = 'Phishing, reported by the bank';
    const taken = await admin.patch(`/admin/links/${code}`, { disabled: true, reason });
    expect(taken.status).toBe(200);
    expect(taken.body).toEqual({
      domain: link['domain'],
      code,
      url: 'https://bank.example.com/login',
      otherUrls: ['https://trap.example.com/', 'https://late.example.com/'],
      workspaceId: link['workspaceId'],
      createdBy: await idOf(user),
      disabledAt: expect.any(String),
      disabledBy: await idOf(admin),
      disabledReason: reason,
    });
    expect(await becomes(code, 410)).toEqual([410, 410]);
    expect(await answerOf(code)).toEqual([410, 'link-disabled']);
    expect(await pageOf(code)).toContain('<h1>This short link was disabled</h1>');
    expect(await pageOf(code)).not.toContain(reason);
    expect((await admin.get(`/admin/links/${code}`)).body).toEqual(taken.body);

    const path = `/links/${link['id']}`;
    const { disabledAt } = taken.body;
    expect((await user.get(path)).body).toMatchObject({ disabledAt, disabledReason: reason });
    expect((await user.patch(path, { disabledAt: null })).status).toBe(400);
    const changed = await user.patch(path, { url: 'https://example.com/', expiresAt: null });
    expect(changed.body).toMatchObject({ disabledAt, disabledReason: reason });
    expect(await statuses(code)).toEqual([410, 410]);

    const back = await admin.patch(`/admin/links/${code}`, { disabled: false });
    expect(back.body).toMatchObject({ disabledAt: null, disabledBy: null, disabledReason: null });
    expect(await becomes(code, 302)).toEqual([302, 302]);
    expect((await user.get(path)).body).toMatchObject({ disabledAt: null, disabledReason: null });
  });

  it('has to say why, and to name a link that exists; a deleted one does', async () => {
    const { id, code } = await user.shorten();
    for (const body of [{ disabled: true }, { disabled: true, reason: '' }, { reason: 'x' }, {}]) {
      expect((await admin.patch(`/admin/links/${code}`, body)).status).toBe(400);
    }
    for (const unknown of ['unknown', 'x'.repeat(200), '%00', id]) {
      const { status, body } = await admin.get(`/admin/links/${unknown}`);
      expect([status, body['code']]).toEqual([404, 'link-not-found']);
    }
    await user.delete(`/links/${id}`);
    const reason = 'Not to be restored';
    const { status } = await admin.patch(`/admin/links/${code}`, { disabled: true, reason });
    expect(status).toBe(200);
  });

  it('disables a user, and their links only if asked to', async () => {
    const mallory = await TestUser.register(servers[0]!.url);
    const id = await idOf(mallory);
    const { code } = await mallory.shorten();
    const { code: other } = await user.shorten();
    expect((await admin.patch(`/users/${id}`, { disabled: true })).body).toMatchObject({
      id,
      role: 'member',
      disabledAt: expect.any(String),
      linksDisabledAt: null,
    });
    expect((await mallory.get('/auth/me')).status).toBe(401);
    expect(await statuses(code)).toEqual([302, 302]);

    await admin.patch(`/users/${id}`, { linksDisabled: true });
    expect(await becomes(code, 410)).toEqual([410, 410]);
    expect(await answerOf(code)).toEqual([410, 'link-disabled']);
    expect(await statuses(other)).toEqual([302, 302]);

    await admin.patch(`/users/${id}`, { linksDisabled: false, disabled: false });
    expect(await becomes(code, 302)).toEqual([302, 302]);
    // Their sessions have ended: they have to log in again.
    expect((await mallory.get('/auth/me')).status).toBe(401);
  });

  it('blocks a host in any spelling, with all hosts below it, until it is unblocked', async () => {
    const codes: string[] = [];
    for (const host of ['xn--bse-sna.example', 'www.böse.example:8080', 'XN--BSE-SNA.example.']) {
      codes.push((await user.shorten({ url: `https://${host}/` }))['code'] as string);
    }
    const link = await user.shorten({ url: 'https://notxn--bse-sna.example/' });
    const path = `/admin/blocked-hosts/${encodeURIComponent('BÖSE.example.')}`;
    const made = await admin.put(path, { reason: 'Malware' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ host: 'xn--bse-sna.example', reason: 'Malware' });
    expect((await admin.put(path, { reason: 'Malware!' })).status).toBe(200);
    for (const code of codes) expect(await becomes(code, 410)).toEqual([410, 410]);
    expect(await answerOf(codes[1]!)).toEqual([410, 'link-blocked']);
    expect(await pageOf(codes[1]!)).toContain('<h1>This short link leads to a blocked site</h1>');
    expect(await statuses(link['code'])).toEqual([302, 302]);

    const url = 'http://a.b.Böse.example/x';
    for (const answer of [
      await user.post('/links', { url }),
      await user.patch(`/links/${link['id']}`, { url }),
    ]) {
      expect(answer.status).toBe(400);
      expect(answer.body['errors']).toMatchObject([{ pointer: '/url', code: 'blocked' }]);
    }

    expect((await admin.get(path)).body).toMatchObject({ reason: 'Malware!' });
    expect((await admin.delete(path)).status).toBe(204);
    for (const status of [(await admin.delete(path)).status, (await admin.get(path)).status]) {
      expect(status).toBe(404);
    }
    for (const code of codes) expect(await becomes(code, 302)).toEqual([302, 302]);
  });

  it('blocks addresses, and is told what is no host', async () => {
    const { code } = await user.shorten({ url: 'http://0x7f.1:9/' });
    expect((await admin.put('/admin/blocked-hosts/127.0.0.1', { reason: 'x' })).status).toBe(201);
    expect(await becomes(code, 410)).toEqual([410, 410]);
    const made = await admin.put('/admin/blocked-hosts/2001:DB8::1', { reason: 'x' });
    expect(made.body['host']).toBe('[2001:db8::1]');
    for (const host of ['a:80', 'a%2Fb', '%20', '*.example', `${'a.'.repeat(20)}example`]) {
      const { status, body } = await admin.put(`/admin/blocked-hosts/${host}`, { reason: 'x' });
      expect([host, status]).toEqual([host, 400]);
      expect(body['errors']).toMatchObject([{ pointer: ':host' }]);
    }
    expect((await admin.put('/admin/blocked-hosts/a.example', {})).status).toBe(400);
  });

  it.each(['/users', '/admin/blocked-hosts'])('reads %s page by page', async (path) => {
    await admin.put('/admin/blocked-hosts/one.example', { reason: 'x' });
    await admin.put('/admin/blocked-hosts/two.example', { reason: 'x' });
    const all = (await admin.get(path)).body['items'] as object[];
    expect(all.length).toBeGreaterThan(1);
    const seen: object[] = [];
    let cursor: string | null = null;
    do {
      const page = await admin.get(`${path}?limit=1${cursor === null ? '' : `&cursor=${cursor}`}`);
      seen.push(...(page.body['items'] as object[]));
      cursor = page.body['nextCursor'] as string | null;
    } while (cursor !== null);
    expect(seen).toEqual(all);
    for (const query of ['cursor=broken', 'limit=0', 'q=x']) {
      expect((await admin.get(`${path}?${query}`)).status).toBe(400);
    }
  });

  it('cannot be the last one to go', async () => {
    const id = await idOf(admin);
    for (const changes of [{ disabled: true }, { role: 'member' }]) {
      const { status, body } = await admin.patch(`/users/${id}`, changes);
      expect([status, body['code']]).toEqual([409, 'last-administrator']);
    }
    const second = await TestUser.register(servers[0]!.url);
    const { body } = await admin.patch(`/users/${await idOf(second)}`, { role: 'admin' });
    expect(body['role']).toBe('admin');
    expect((await second.get('/users')).status).toBe(200);
    await admin.patch(`/users/${await idOf(second)}`, { role: 'member' });
    expect((await second.get('/users')).status).toBe(403);
    for (const unknown of ['nonsense', '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d']) {
      expect((await admin.patch(`/users/${unknown}`, { disabled: true })).status).toBe(404);
    }
    expect((await admin.patch(`/users/${id}`, { disabled: 'no', role: null })).status).toBe(400);
  });

  it('is the only one who can do any of it', async () => {
    const { code } = await user.shorten();
    const id = await idOf(admin);
    for (const answer of [
      await user.get(`/admin/links/${code}`),
      await user.patch(`/admin/links/${code}`, { disabled: true, reason: 'mine' }),
      await user.get('/admin/blocked-hosts'),
      await user.get('/admin/blocked-hosts/example.com'),
      await user.put('/admin/blocked-hosts/example.com', { reason: 'rival' }),
      await user.delete('/admin/blocked-hosts/example.com'),
      await user.get('/users'),
      await user.patch(`/users/${id}`, { disabled: true }),
      // Nobody learns by it what exists, or what would be wrong.
      await user.get('/admin/links/unknown'),
      await user.patch('/users/nonsense', { nonsense: 1 }),
    ]) {
      expect([answer.status, answer.body['code']]).toEqual([403, 'forbidden']);
    }
    expect((await admin.client.get('/api/v1/users')).status).toBe(401);
  });
});

describe('An installation with limits', () => {
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    server = await startServer({
      env: { MAX_LINKS_PER_WORKSPACE: '3', PUBLIC_URL: 'https://example.com/go' },
    });
    user = await TestUser.register(server.url);
  });
  afterAll(() => server.remove());

  it('lets nobody fill it by making and deleting links', async () => {
    const url = 'https://example.com/blog';
    for (let n = 0; n < 3; n += 1) {
      const { id } = await user.shorten({ url });
      await user.delete(`/links/${id}`);
    }
    for (const headers of [undefined, { 'idempotency-key': 'once' }]) {
      const { status, body } = await user.post('/links', { url }, headers);
      expect([status, body['code']]).toEqual([403, 'link-limit-reached']);
    }
    const other = await TestUser.register(server.url);
    const { status, body, headers } = await other.post('/links', { url });
    expect(status).toBe(201);
    expect(body['shortUrl']).toBe(`https://example.com/go/${body['code']}`);
    expect(headers.get('location')).toBe(`/go/api/v1/links/${body['id']}`);
  });
});
