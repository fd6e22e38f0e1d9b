import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JwtService } from '@nestjs/jwt';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { type Fields, HttpClient } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const JWT_SECRET = randomBytes(32).toString('hex');
const PASSWORD = 'correct horse battery staple';

interface Session {
  user: { id: string };
  accessToken: string;
  refreshToken: string;
}

describe('/api/v1/auth', () => {
  let server: TestServer;
  let client: HttpClient;

  beforeAll(async () => {
    server = await startServer({ env: { JWT_SECRET, LOG_LEVEL: 'debug' } });
    client = await HttpClient.connect(server.url);
  });

  afterAll(() => server.remove());

  const post = <Body = Fields>(path: string, body: unknown) =>
    client.post<Body>(`/api/v1/auth/${path}`, body);
  const me = (authorization?: string) =>
    client.get('/api/v1/auth/me', {
      headers: authorization === undefined ? {} : { authorization },
    });

  const newAddress = () => `${randomUUID()}@example.com`;
  async function register(email = newAddress()) {
    const { body } = await post<Session>('register', { email, password: PASSWORD });
    return { email, ...body };
  }

  let signedAgain: Promise<Session> | undefined;
  /** The access token of a session, signed again with other claims. */
  async function tokenWith(claims: object, header: object = {}): Promise<string> {
    signedAgain ??= register();
    const own = new JwtService().decode<object>((await signedAgain).accessToken);
    // As JSON, because undefined claims are none, and jsonwebtoken would look at the others.
    const payload = JSON.stringify({ ...own, ...claims });
    return new JwtService({ secret: JWT_SECRET }).sign(Buffer.from(payload), {
      header: { alg: 'HS256', typ: 'JWT', ...header },
    });
  }

  it('registers, knows the user, refreshes, logs out and in again', async () => {
    const email = newAddress();
    const registered = await post('register', { email, password: PASSWORD, name: 'Ada' });
    expect(registered.status).toBe(201);
    expect(registered.headers.get('cache-control')).toBe('no-store');
    expect(registered.body).toEqual({
      user: {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        email,
        name: 'Ada',
        role: 'admin',
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      tokenType: 'Bearer',
      expiresIn: expect.any(Number),
    });
    const { user, accessToken, refreshToken } = registered.body;

    const known = await me(`Bearer ${accessToken}`);
    expect([known.status, known.body]).toEqual([200, user]);

    const refreshed = await post('refresh', { refreshToken });
    expect([refreshed.status, refreshed.body.user]).toEqual([200, user]);
    expect(refreshed.body.refreshToken).not.toBe(refreshToken);

    expect((await post('logout', { refreshToken })).status).toBe(204);
    expect((await post('logout', { refreshToken })).status).toBe(204);
    for (const token of [accessToken, refreshed.body.accessToken]) {
      const { status, headers } = await me(`Bearer ${token}`);
      expect([status, headers.get('www-authenticate')]).toEqual([
        401,
        'Bearer error="invalid_token"',
      ]);
    }
    const over = await post('refresh', { refreshToken: refreshed.body.refreshToken });
    expect([over.status, over.body.code]).toEqual([401, 'invalid-refresh-token']);
    expect(over.headers.get('www-authenticate')).toBe('Bearer');

    const loggedIn = await post('login', { email: email.toUpperCase(), password: PASSWORD });
    expect([loggedIn.status, loggedIn.body.user]).toEqual([200, user]);
  });

  it('keeps ten parallel refreshes of one token logged in', async () => {
    const { refreshToken } = await register();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post('refresh', { refreshToken })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const successors = new Set(answers.map(({ body }) => body.refreshToken as string));
    expect(successors.size).toBe(1);
    for (const { body } of answers) {
      expect((await me(`Bearer ${body.accessToken}`)).status).toBe(200);
    }
    expect((await post('refresh', { refreshToken: [...successors][0] })).status).toBe(200);
  });

  it('ends the session of a token that comes back when its successor was used', async () => {
    const first = await register();
    const next = await post<Session>('refresh', { refreshToken: first.refreshToken });
    const newest = await post<Session>('refresh', { refreshToken: next.body.refreshToken });
    const replayed = await post('refresh', { refreshToken: first.refreshToken });
    expect([replayed.status, replayed.body.code]).toEqual([401, 'invalid-refresh-token']);
    expect((await me(`Bearer ${newest.body.accessToken}`)).status).toBe(401);
    const again = await post('refresh', { refreshToken: newest.body.refreshToken });
    expect(again.status).toBe(401);
  });

  it('answers alike to an unknown address and a wrong password', async () => {
    const { email } = await register();
    const wrong = await post('login', { email, password: 'not the password' });
    const unknown = await post('login', { email: newAddress(), password: 'not the password' });
    const { requestId: _one, ...wrongBody } = wrong.body;
    const { requestId: _other, ...unknownBody } = unknown.body;
    expect([wrong.status, wrongBody]).toEqual([unknown.status, unknownBody]);
    expect(wrongBody).toMatchObject({ status: 401, code: 'invalid-credentials' });
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('refuses an address that is taken, in any case', async () => {
    const { email } = await register();
    const again = await post('register', { email: email.toUpperCase(), password: PASSWORD });
    expect([again.status, again.body.code]).toEqual([409, 'email-taken']);
  });

  it('challenges whoever comes without a good token', async () => {
    const { accessToken } = await register();
    const [, claims] = accessToken.split('.');
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    const challenges = {
      '': 'Bearer',
      'Basic YWRhOmxvdmVsYWNl': 'Bearer',
      'Bearer nonsense': 'Bearer error="invalid_token"',
      [`Bearer ${none}.${claims}.`]: 'Bearer error="invalid_token"',
      [`Bearer ${accessToken}x`]: 'Bearer error="invalid_token"',
    };
    for (const [authorization, challenge] of Object.entries(challenges)) {
      const { status, headers, body } = await me(authorization || undefined);
      expect([status, headers.get('www-authenticate')]).toEqual([401, challenge]);
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(body).toMatchObject({ code: 'unauthenticated' });
    }
  });

  it('says that an access token has expired', async () => {
    const token = await tokenWith({ exp: 1 });
    const { status, body } = await me(`Bearer ${token}`);
    expect([status, body.detail]).toEqual([401, 'The access token has expired. Refresh it.']);
  });

  it.each<[string, object, object?]>([
    ['without sub', { sub: undefined }],
    ['with a number for sub', { sub: 7 }],
    ['with an object for sub', { sub: {} }],
    ['with a sub that is no UUID', { sub: "x' OR true --" }],
    ['with a NUL in sub', { sub: '\0' }],
    ['without sid', { sid: undefined }],
    ['with a sid that is no UUID', { sid: 'x' }],
    ['of a session that never was', { sid: randomUUID() }],
    ['of somebody else’s session', { sub: randomUUID() }],
    ['without exp', { exp: undefined }],
    ['without iat', { iat: undefined }],
    ['of the future', { iat: Math.floor(Date.now() / 1000) + 3600 }],
    ['without iss', { iss: undefined }],
    ['of another issuer', { iss: 'somebody' }],
    ['for another audience', { aud: 'something' }],
    ['for an audience among others', { aud: ['signpost', 'other'] }],
    ['by a key that is unknown', {}, { kid: '0123456789abcdef' }],
    ['without aud', { aud: undefined }],
    ['with a critical extension', {}, { crit: ['exp'] }],
    ['of ten kilobytes', { sid: 'x'.repeat(7_000) }],
  ])('refuses a token that is signed, %s', async (_name, claims, header = {}) => {
    const { status, headers } = await me(`Bearer ${await tokenWith(claims, header)}`);
    expect([status, headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer error="invalid_token"',
    ]);
  });

  it.each([
    ['HS512', 'sha512'],
    ['HS384', 'sha384'],
    ['RS256', 'sha256'],
    ['ES256', 'sha256'],
    ['hs256', 'sha256'],
    ['none', 'sha256'],
  ])(
    'refuses a token that says it is signed with %s, although the secret is right',
    async (alg, hash) => {
      const [, claims] = (await tokenWith({})).split('.');
      const header = Buffer.from(JSON.stringify({ alg, typ: 'JWT' })).toString('base64url');
      const signature = createHmac(hash, JWT_SECRET)
        .update(`${header}.${claims}`)
        .digest('base64url');
      const { status, headers } = await me(`Bearer ${header}.${claims}.${signature}`);
      expect([status, headers.get('www-authenticate')]).toEqual([
        401,
        'Bearer error="invalid_token"',
      ]);
    },
  );

  it('takes neither kind of token for the other', async () => {
    const { accessToken, refreshToken } = await register();
    expect((await me(`Bearer ${refreshToken}`)).status).toBe(401);
    // No refresh token is as long.
    expect((await post('refresh', { refreshToken: accessToken })).status).toBe(400);
    const part = await post('refresh', { refreshToken: accessToken.slice(-100) });
    expect([part.status, part.body.code]).toEqual([401, 'invalid-refresh-token']);
  });

  it('accepts a token that was signed like its own', async () => {
    expect((await me(`Bearer ${await tokenWith({})}`)).status).toBe(200);
  });

  it('writes neither passwords nor tokens into the log', async () => {
    const { email, accessToken, refreshToken } = await register();
    await me(`Bearer ${accessToken}`);
    await post('login', { email, password: `${PASSWORD}!` });
    await post('refresh', { refreshToken });
    await post('logout', { refreshToken });
    expect(server.log).toContain('/api/v1/auth/refresh');
    for (const secret of [PASSWORD, accessToken, refreshToken]) {
      expect(server.log).not.toContain(secret);
    }
  });

  it('accepts 64 characters and 72 bytes of password, and no more', async () => {
    const statusOf = async (password: string) =>
      (await post('register', { email: newAddress(), password })).status;
    expect(await statusOf('x'.repeat(64))).toBe(201);
    expect(await statusOf('ü'.repeat(36))).toBe(201);
    const { status, body } = await post('register', {
      email: newAddress(),
      password: 'x'.repeat(73),
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid-request' });
    expect(body.errors).toEqual([
      {
        pointer: '/password',
        code: 'too-long',
        detail: 'password must be at most 72 bytes long in UTF-8',
      },
    ]);
  });

  it.each([
    '{"email":"ada@example.com","password":"long enough","__proto__":{"role":"admin"}}',
    '{"email":"ada@example.com","password":"long enough","constructor":{"prototype":{}}}',
    '{"email":"ada@example.com","password":"long enough","role":"admin"}',
    '{"email":"ada@example.com","password":12345678}',
    '{"email":"ada@example.com","password":["long enough"]}',
    '{"email":["ada@example.com"],"password":"long enough"}',
    '{"email":"ada\\u0000@example.com","password":"long enough"}',
    '{"email":"ada@example.com","password":"long\\u0000enough"}',
    '{"email":"ada@example.com","password":"long enough","name":"Ada\\u0000"}',
    '{"email":{"toString":1},"password":null}',
    '{"email":null}',
    '[]',
    'null',
    '"x"',
    '{',
    '',
  ])('refuses to register %s', async (body) => {
    const { status, headers } = await post('register', body);
    expect(status).toBe(400);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it.each(['login', 'refresh', 'logout'])('refuses nonsense for %s', async (path) => {
    for (const body of ['{}', '[]', 'null', '{"refreshToken":7,"email":1,"password":{}}']) {
      expect((await post(path, body)).status).toBe(400);
    }
  });
});
