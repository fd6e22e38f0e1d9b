import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { BROWSER } from '../support/api.js';
import { type Fields, HttpClient } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const PASSWORD = 'correct horse battery staple';
const NEW_PASSWORD = 'a better horse battery staple';

/** Served by two processes, so that what one of them ends must be over for the other. */
describe('My sessions', () => {
  let first: TestServer;
  let second: TestServer;
  let one: HttpClient;
  let two: HttpClient;
  let email: string;

  beforeAll(async () => {
    first = await startServer({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
    const { databaseUrl, jwtSecret } = first;
    second = await startServer({ databaseUrl, env: { JWT_SECRET: jwtSecret } });
    one = await HttpClient.connect(first.url);
    two = await HttpClient.connect(second.url);
    await register(`${randomUUID()}@example.com`); // the administrator
  });
  afterAll(async () => {
    await second.remove();
    await first.remove();
  });
  beforeEach(() => {
    email = `${randomUUID()}@example.com`;
  });

  const register = async (address = email): Promise<Fields> =>
    (await one.post('/api/v1/auth/register', { email: address, password: PASSWORD })).body;
  const login = (headers: Record<string, string> = {}, password = PASSWORD) =>
    one.post('/api/v1/auth/login', { email, password }, { headers });
  const sessionsOf = async (token: string): Promise<Fields[]> =>
    (await one.get('/api/v1/auth/sessions', { token })).body['items'];
  /** Whether both tokens still work, for the process that did not end them. */
  const works = async ({ accessToken, refreshToken }: Fields): Promise<boolean[]> => {
    const me = await two.get('/api/v1/auth/me', { token: accessToken });
    const refreshed = await two.post('/api/v1/auth/refresh', { refreshToken });
    return [me.status === 200, refreshed.status === 200];
  };
  const changePassword = (token: string, currentPassword: string, newPassword: string) =>
    one.post('/api/v1/auth/password', { currentPassword, newPassword }, { token });

  it('are listed with where and when they are used, and not more of where than needed', async () => {
    const { accessToken } = await register();
    await login({ 'user-agent': BROWSER, 'x-forwarded-for': '203.0.113.77' });
    await login({ 'user-agent': '<script>', 'x-forwarded-for': '2001:db8:1:2::3' });
    const time: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/);
    const session = { id: expect.any(String), createdAt: time, lastUsedAt: time, expiresAt: time };
    const unknown = { browser: null, os: null };
    expect(await sessionsOf(accessToken)).toEqual([
      { ...session, current: false, client: { ...unknown, network: '2001:db8:1::/48' } },
      {
        ...session,
        current: false,
        client: { browser: 'Firefox', os: 'Linux', network: '203.0.113.0/24' },
      },
      { ...session, current: true, client: { ...unknown, network: '127.0.0.0/24' } },
    ]);
    const page = await one.get('/api/v1/auth/sessions?limit=2', { token: accessToken });
    const next = `/api/v1/auth/sessions?limit=2&cursor=${page.body['nextCursor']}`;
    const { body } = await one.get(next, { token: accessToken });
    expect(body).toMatchObject({ items: [{ current: true }], nextCursor: null });
    expect((await one.get(`${next}x`, { token: accessToken })).status).toBe(400);
  });

  it('end one by one, for every process; those of others are as absent', async () => {
    const { accessToken } = await register();
    const lost = (await login()).body;
    const [{ id }] = (await sessionsOf(accessToken)) as [Fields];
    email = `${randomUUID()}@example.com`;
    const stranger = await register();
    const end = (sessionId: string, token: string) =>
      one.delete(`/api/v1/auth/sessions/${sessionId}`, { token });
    const refusals = [
      await end(id as string, stranger['accessToken'] as string),
      await end(randomUUID(), stranger['accessToken'] as string),
      await end('nonsense', stranger['accessToken'] as string),
    ].map(({ status, body: { requestId: _, instance: __, ...body } }) => ({ status, body }));
    expect(refusals[0]).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect([refusals[1], refusals[2]]).toEqual([refusals[0], refusals[0]]);

    expect((await end(id as string, accessToken)).status).toBe(204);
    expect(await works(lost)).toEqual([false, false]);
    expect((await end(id as string, accessToken)).status).toBe(404);
    const [{ id: own }] = (await sessionsOf(accessToken)) as [Fields];
    expect((await end(own as string, accessToken)).status).toBe(204);
    expect((await one.get('/api/v1/auth/sessions', { token: accessToken })).status).toBe(401);
  });

  it('all end but the one that asks', async () => {
    const mine = await register();
    const others = [(await login()).body, (await login()).body];
    const token = mine['accessToken'] as string;
    expect((await one.delete('/api/v1/auth/sessions', { token })).status).toBe(204);
    for (const other of others) expect(await works(other)).toEqual([false, false]);
    expect(await works(mine)).toEqual([true, true]);
  });

  it('end with my password, but for the one in which I change it', async () => {
    const mine = await register();
    const other = (await login()).body;
    const token = mine['accessToken'] as string;
    expect((await changePassword(token, PASSWORD, NEW_PASSWORD)).status).toBe(204);
    expect(await works(other)).toEqual([false, false]);
    expect(await works(mine)).toEqual([true, true]);
    expect((await login()).status).toBe(401);
    expect((await login({}, NEW_PASSWORD)).status).toBe(200);
  });

  it.each([
    [
      'the wrong current password',
      `${PASSWORD}!`,
      NEW_PASSWORD,
      'wrong-password',
      '/currentPassword',
    ],
    ['a short one', PASSWORD, 'short', 'invalid-request', '/newPassword'],
    ['a common one', PASSWORD, 'password123', 'invalid-request', '/newPassword'],
    ['one of 73 bytes', PASSWORD, 'x'.repeat(73), 'invalid-request', '/newPassword'],
    ['one of 74 bytes in 37 letters', PASSWORD, 'ü'.repeat(37), 'invalid-request', '/newPassword'],
    [
      'the name of the service',
      PASSWORD,
      'my signpost password',
      'invalid-request',
      '/newPassword',
    ],
    ['my address', PASSWORD, 'EMAIL', 'invalid-request', '/newPassword'],
    ['none', PASSWORD, undefined, 'invalid-request', '/newPassword'],
    ['a list', PASSWORD, [NEW_PASSWORD], 'invalid-request', '/newPassword'],
    ['a NUL', PASSWORD, 'long enough\0', 'invalid-request', '/newPassword'],
  ])('stay when the password is not changed for %s', async (_name, current, next, code, at) => {
    const { accessToken } = await register();
    const other = (await login()).body;
    const newPassword = next === 'EMAIL' ? email : next;
    const { body } = await changePassword(accessToken, current, newPassword as string);
    expect([body['code'], body['errors'][0].pointer]).toEqual([code, at]);
    expect(await works(other)).toEqual([true, true]);
    expect((await login()).status).toBe(200);
  });

  it('go on when the secret of the service changes, with their tokens if it knows the old one', async () => {
    const { accessToken, refreshToken } = await register();
    const { databaseUrl, jwtSecret } = first;
    for (const [previous, status] of [
      [jwtSecret, 200],
      ['', 401],
    ] as const) {
      const env = { JWT_SECRET: randomUUID(), JWT_PREVIOUS_SECRETS: previous };
      const rotated = await startServer({ databaseUrl, env });
      const client = await HttpClient.connect(rotated.url);
      const me = await client.get('/api/v1/auth/me', { token: accessToken });
      const { body } = await client.post('/api/v1/auth/refresh', { refreshToken });
      const renewed = await client.get('/api/v1/auth/me', { token: body['accessToken'] as string });
      await rotated.remove();
      expect([me.status, renewed.status]).toEqual([status, 200]);
    }
  });

  it('of a disabled user are over at once, in every process', async () => {
    const mine = await register();
    const client = new pg.Client({ connectionString: first.databaseUrl });
    await client.connect();
    // As the previous version disables a user: without ending their sessions.
    await client.query('UPDATE users SET disabled_at = now() WHERE email = $1', [email]);
    await client.end();
    expect(await works(mine)).toEqual([false, false]);
    expect((await login()).status).toBe(401);
    const token = mine['accessToken'] as string;
    expect((await changePassword(token, PASSWORD, NEW_PASSWORD)).status).toBe(401);
  });

  it('are of no use to who has a dump of the database', async () => {
    const started = await register();
    const next = (
      await two.post('/api/v1/auth/refresh', { refreshToken: started['refreshToken'] as string })
    ).body;
    const token = next['accessToken'] as string;
    const link = { url: 'https://example.com/', title: 'canary of the dump' };
    const headers = { 'idempotency-key': randomUUID() };
    await one.post('/api/v1/links', link, { token, headers });
    await one.post('/api/v1/auth/login', { email, password: `${PASSWORD}!` });
    await changePassword(token, PASSWORD, NEW_PASSWORD);
    const values = await everyValueIn(first.databaseUrl!);
    expect(values.some((value) => value.includes('canary of the dump'))).toBe(true);

    const secrets = [PASSWORD, NEW_PASSWORD, token, headers['idempotency-key'], first.jwtSecret];
    for (const { accessToken, refreshToken } of [started, next]) {
      secrets.push(accessToken as string, refreshToken as string);
    }
    for (const secret of secrets) {
      const bare = secret.replace('spr_', '');
      const forms = [bare, Buffer.from(bare).toString('base64').replace(/=+$/, '')];
      const bytes = [Buffer.from(bare), Buffer.from(secret), Buffer.from(bare, 'base64url')];
      forms.push(...bytes.map((buffer) => buffer.toString('hex')));
      for (const form of forms) expect(values.filter((value) => value.includes(form))).toEqual([]);
    }
    // Nor is anything that is stored a token itself.
    for (const value of new Set(values)) {
      const hex = /^\\x([0-9a-f]{64})$/.exec(value)?.[1];
      if (hex === undefined) continue;
      const refreshToken = `spr_${Buffer.from(hex, 'hex').toString('base64url')}`;
      expect((await two.post('/api/v1/auth/refresh', { refreshToken })).status).toBe(401);
    }
  });
});

/** All that the tables of the database hold, value by value; bytes are hexadecimal. */
async function everyValueIn(connectionString: string): Promise<string[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
  );
  const values: string[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query<{ value: string }>(
      `SELECT field.value FROM "${name}" t, jsonb_each_text(to_jsonb(t)) AS field
       WHERE field.value IS NOT NULL`,
    );
    values.push(...rows.map(({ value }) => value));
  }
  await client.end();
  return values;
}
