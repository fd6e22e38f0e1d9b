import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newApiKey } from '../../src/auth/api-key.js';
import { eventually } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { cleanEnvironment, signpost } from '../support/environment.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { type Fields, HttpClient } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';

const canary = (): string => randomBytes(16).toString('hex');
const DATABASE_PASSWORD = canary();
const SETUP_TOKEN = canary();
const PASSWORD = canary();
const NEW_PASSWORD = canary();
const IDEMPOTENCY_KEY = randomUUID();
const JWT_SECRET = randomBytes(32).toString('hex');
const METRICS_TOKEN = randomBytes(32).toString('hex');
/** So much of a secret is as good as all of it to whoever guesses the rest. */
const TELLING_LENGTH = 24;

/** Which of the secrets, or long parts of them, stand in the text, in any of the usual spellings. */
function foundIn(text: string, secrets: string[]): string[] {
  return secrets.filter((secret) => {
    const bare = secret.replace(/^(?:sp[ir]|sgp)_/, '');
    const parts = bare.split('.').filter((part) => part.length >= TELLING_LENGTH);
    // The header of a JWT is no secret.
    const telling = (parts.length > 1 ? parts.slice(1) : [bare]).map((part) =>
      part.slice(0, TELLING_LENGTH),
    );
    return telling.some((part) => text.includes(part) || text.includes(btoa(part).slice(0, 20)));
  });
}

describe('The log at its most talkative', () => {
  let database: TestDatabase;
  let proxy: FaultProxy;
  let server: TestServer;
  let client: HttpClient;
  let user: Fields;
  let secrets: string[];
  const options = () => ({ token: user['accessToken'] as string });

  beforeAll(async () => {
    database = await createDatabase();
    proxy = await FaultProxy.to(database.url);
    server = await startServer({
      databaseUrl: proxy.url,
      env: {
        NODE_ENV: 'staging',
        LOG_LEVEL: 'trace',
        PUBLIC_URL: 'http://go.example.com',
        BCRYPT_COST: '10',
        SHUTDOWN_DELAY_SECONDS: '0',
        REGISTRATION: 'open',
        SETUP_TOKEN,
        JWT_SECRET,
        METRICS_TOKEN,
      },
    });
    client = await HttpClient.connect(server.url);
    const email = 'ada@example.com';
    const account = { email, password: PASSWORD, setupToken: SETUP_TOKEN };
    user = (await client.post('/api/v1/auth/register', account)).body;
    const [team] = (await client.get('/api/v1/workspaces', options())).body['items'] as [Fields];
    const at = `/api/v1/workspaces/${team['id']}`;
    const wanted = { name: 'x', scopes: ['links:write'] };
    const { key } = (await client.post(`${at}/api-keys`, wanted, options())).body;
    const { token } = (await client.post(`${at}/invitations`, { role: 'viewer' }, options())).body;
    secrets = [
      PASSWORD,
      NEW_PASSWORD,
      SETUP_TOKEN,
      JWT_SECRET,
      METRICS_TOKEN,
      IDEMPOTENCY_KEY,
      ...([key, token, user['accessToken'], user['refreshToken']] as string[]),
      newApiKey(),
    ];
    // Of a database that is given to the tests it may be a word.
    const { password } = new URL(database.url);
    if (password.length >= TELLING_LENGTH) secrets.push(password);
  }, 60_000);
  afterAll(async () => {
    await server?.remove();
    await proxy?.close();
    await database.drop();
  });

  /** The log once it tells of a last request: it is written a little later. */
  async function wholeLog(): Promise<string> {
    const last = `/api/v1/${randomUUID()}`;
    await fetch(`${server.url}${last}`);
    return eventually(
      async () => server.log,
      (log) => log.includes(last),
    );
  }

  /** Sends each secret wherever somebody might by mistake; what becomes of it does not matter. */
  async function sendEverywhere(): Promise<void> {
    for (const secret of secrets) {
      const headers = { 'content-type': 'application/json' };
      const json = (body: unknown) => ({ method: 'POST', headers, body: JSON.stringify(body) });
      const raw = (body: string) => ({ method: 'POST', headers, body });
      const asked: [string, RequestInit?][] = [
        ['auth/login', json({ email: 'ada@example.com', password: secret })],
        ['auth/login', json({ email: `${secret}@example.com`, password: PASSWORD })],
        ['auth/login', json({ email: secret, password: secret, [secret]: secret })],
        ['auth/login', raw(`{"email":"ada@example.com","password":"${secret}`)],
        ['auth/login', raw(secret)],
        ['auth/login', { method: 'POST', body: `password=${secret}` }],
        ['auth/register', json({ email: 'b@example.com', password: secret, setupToken: 1 })],
        [
          'auth/register',
          json({ email: 'ada@example.com', password: PASSWORD, setupToken: secret }),
        ],
        ['auth/refresh', json({ refreshToken: `${secret}x` })],
        ['auth/refresh', json({ refreshToken: [secret] })],
        ['auth/me', { headers: { authorization: `Bearer ${secret}x` } }],
        ['auth/me', { headers: { authorization: `bearer  ${secret}` } }],
        ['auth/me', { headers: { authorization: `Basic ${btoa(`ada:${secret}`)}` } }],
        ['auth/me', { headers: { authorization: secret, cookie: `session=${secret}` } }],
        [`auth/me?access_token=${secret}&password=${secret}`],
        [
          `links?cursor=${secret}&q=${secret}`,
          { headers: { authorization: `Bearer ${user['accessToken']}` } },
        ],
        [
          'links',
          {
            ...json({ url: `https://u:${secret}@example.com/` }),
            headers: {
              ...headers,
              authorization: `Bearer ${user['accessToken']}`,
              'idempotency-key': secret,
            },
          },
        ],
        [
          'auth/password',
          {
            ...json({ currentPassword: secret, newPassword: NEW_PASSWORD }),
            headers: { ...headers, authorization: `Bearer ${user['accessToken']}` },
          },
        ],
      ];
      for (const [path, init] of asked) await fetch(`${server.url}/api/v1/${path}`, init);
      await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${secret}x` } });
    }
  }

  it('tells that things were asked for', async () => {
    await sendEverywhere();
    const log = await wholeLog();
    expect(log).toContain('POST /api/v1/auth/login');
    expect(foundIn(log, secrets)).toEqual([]);
  });

  it.each([
    'invitations/SECRET/accept',
    'invitations/SECRET',
    'invitations/SECRETx/accept',
    'invitations/SECRET%2Faccept',
    'nothing/SECRET/here',
    'auth/me/Bearer%20SECRET',
    'auth/me%3Ftoken=SECRET',
    'auth/me;token=SECRET',
    'links/SECRET/stats',
    'links/SECRET%zz',
    'workspaces/SECRET/api-keys/SECRET',
  ])('has no token of ours, however it got into the path: %s', async (path) => {
    const tokens = secrets.filter((secret) => /^(sp[ir]_|sgp_|eyJ)/.test(secret));
    expect(tokens).toHaveLength(5);
    for (const token of tokens) {
      const mangled = [
        token,
        token.slice(0, -3),
        token.replace('_', '%5F'),
        token.replace('_', '%5f'),
      ];
      for (const one of mangled) {
        for (const method of ['GET', 'POST']) {
          const url = `${server.url}/api/v1/${path.replaceAll('SECRET', one)}`;
          await fetch(url, { method, headers: { 'x-request-id': one } });
        }
      }
    }
    expect(foundIn(await wholeLog(), secrets)).toEqual([]);
  });

  it('has none while the database is down, nor when it comes back', async () => {
    await proxy.set('refuse');
    await sendEverywhere();
    const failed = await client.post('/api/v1/auth/login', {
      email: 'ada@example.com',
      password: PASSWORD,
    });
    expect(failed.status).toBe(503);
    await proxy.set('pass');
    await server.restart();
    expect(foundIn(await wholeLog(), secrets)).toEqual([]);
  });

  it('has none of several processes', async () => {
    const several = await startServer({
      databaseUrl: database.url,
      env: { WORKERS: '2', LOG_LEVEL: 'trace', JWT_SECRET, SETUP_TOKEN },
    });
    await fetch(`${several.url}/api/v1/auth/me`, {
      headers: { authorization: `Bearer ${user['accessToken']}` },
    });
    await several.restart();
    const { log } = several;
    await several.remove();
    expect(foundIn(log, secrets)).toEqual([]);
  });
});

describe('A start that fails', () => {
  const directory = new TemporaryDirectory();
  afterAll(() => directory.remove());

  const outputOf = (command: string, env: Record<string, string>): Promise<string> =>
    new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        signpost(command),
        {
          cwd: directory.path,
          timeout: 8_000,
          env: cleanEnvironment({
            LOG_LEVEL: 'trace',
            LOG_FORMAT: 'json',
            DATA_DIR: directory.path,
            PORT: '0',
            JWT_SECRET,
            ...env,
          }),
        },
        (_error, stdout, stderr) => resolve(stdout + stderr),
      );
      // It would go on trying.
      child.stdout!.on('data', (text: string) => /still trying/.test(text) && child.kill());
      child.stdin!.end();
    });

  it.each([
    ['no host that exists', `postgres://app:${DATABASE_PASSWORD}@nowhere.invalid/x`],
    ['a port where nobody listens', `postgres://app:${DATABASE_PASSWORD}@127.0.0.1:1/x`],
    ['no URL', `postgres://app:${DATABASE_PASSWORD}@:/`],
    ['no scheme of PostgreSQL', `mysql://app:${DATABASE_PASSWORD}@db/x`],
    ['a percent sign', `postgres://app:%zz${DATABASE_PASSWORD}@127.0.0.1:1/x`],
    ['an @ in the password', `postgres://app:a@${DATABASE_PASSWORD}@127.0.0.1:1/x`],
    ['a slash in the password', `postgres://app:1/${DATABASE_PASSWORD}@127.0.0.1:1/x`],
    ['a # in the password', `postgres://app:1#${DATABASE_PASSWORD}@127.0.0.1:1/x`],
    ['a ? in the password', `postgres://app:1?${DATABASE_PASSWORD}@127.0.0.1:1/x`],
    [
      'the password in the query',
      `postgres://127.0.0.1:1/x?user=app&password=${DATABASE_PASSWORD}`,
    ],
  ])('because DATABASE_URL has %s does not tell it', async (_, DATABASE_URL) => {
    const output = await outputOf('serve', { DATABASE_URL });
    expect(output).not.toBe('');
    expect(foundIn(output, [DATABASE_PASSWORD, JWT_SECRET])).toEqual([]);
  });

  it('of the migrations, because nobody listens, does not tell it either', async () => {
    const DATABASE_URL = `postgres://app:${DATABASE_PASSWORD}@127.0.0.1:1/x`;
    const output = await outputOf('migrate', { DATABASE_URL });
    expect(output).not.toBe('');
    expect(foundIn(output, [DATABASE_PASSWORD, JWT_SECRET])).toEqual([]);
  });
});
