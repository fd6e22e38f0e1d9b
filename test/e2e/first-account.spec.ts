import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/api.js';
import { cleanEnvironment, signpost } from '../support/environment.js';
import { HttpClient } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const PASSWORD = 'correct horse battery staple';
const PUBLIC_URL = 'https://go.example.com';
const IN_PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL,
  BCRYPT_COST: '10',
  SHUTDOWN_DELAY_SECONDS: '0',
};
const MAY_BE_SLOW = 120_000;

describe('the first account in production', () => {
  let server: TestServer;

  afterEach(() => server.remove());

  const register = async (email: string, setupToken?: string) => {
    const client = await HttpClient.connect(server.url);
    const body = { email, password: PASSWORD, setupToken };
    const { status, body: answer } = await client.post('/api/v1/auth/register', body);
    return [status, answer['code'] ?? answer['user'].role] as [number, string];
  };
  const tokenFile = () => join(server.dataDir, 'setup-token');
  /** How often the log has told it. */
  const tellings = (token: string) => server.log.split(token).length - 1;

  /** Runs `npm run user:create` as whoever runs the server would. */
  const createUser = (password: string, ...args: string[]): Promise<[number, string]> =>
    new Promise((resolve) => {
      const env = cleanEnvironment({
        ...IN_PRODUCTION,
        DATA_DIR: server.dataDir,
        DATABASE_URL: server.databaseUrl,
        NODE_ENV: server.databaseUrl === undefined ? 'staging' : 'production',
        PUBLIC_URL,
        JWT_SECRET: server.jwtSecret,
      });
      const command = signpost('user:create', ...args);
      const child = execFile(process.execPath, command, { env }, (error, stdout, stderr) =>
        resolve([Number(error?.code ?? 0), stdout + stderr]),
      );
      child.stdin!.end(password);
    });

  it(
    'is for whoever reads the log, although registration is closed',
    async () => {
      server = await startServer({ env: IN_PRODUCTION });
      await eventually(async () => existsSync(tokenFile()), Boolean);
      const token = readFileSync(tokenFile(), 'utf8');
      expect(statSync(tokenFile()).mode & 0o777).toBe(0o600);
      const strangers = [undefined, 'x', token.slice(1), `${token} `].map((guess, n) =>
        register(`stranger-${n}@example.com`, guess),
      );
      const answers = await Promise.all(strangers);
      expect(answers.map(String)).toEqual(Array(4).fill('403,setup-token-required'));
      await server.restart();
      await eventually(
        async () => tellings(token),
        (many) => many === 2,
      );
      expect(tellings(token)).toBe(2);
      expect(await register('ada@example.com', token)).toEqual([201, 'admin']);
      expect(existsSync(tokenFile())).toBe(false);
      expect(await register('bob@example.com', token)).toEqual([403, 'registration-closed']);
      await server.restart();
      expect(existsSync(tokenFile())).toBe(false);
    },
    MAY_BE_SLOW,
  );

  it(
    'takes the token of SETUP_TOKEN, which is never logged',
    async () => {
      const SETUP_TOKEN = randomBytes(12).toString('hex');
      server = await startServer({ env: { ...IN_PRODUCTION, SETUP_TOKEN, REGISTRATION: 'open' } });
      await eventually(async () => tellings('SETUP_TOKEN'), Boolean);
      expect(tellings('SETUP_TOKEN')).toBe(1);
      expect(tellings(SETUP_TOKEN)).toBe(0);
      expect(existsSync(tokenFile())).toBe(false);
      expect(await register('eve@example.com')).toEqual([403, 'setup-token-required']);
      expect(await register('ada@example.com', SETUP_TOKEN)).toEqual([201, 'admin']);
      expect(await register('bob@example.com')).toEqual([201, 'member']);
    },
    MAY_BE_SLOW,
  );

  it(
    'takes the same token in every worker, and one of them tells it',
    async () => {
      server = await startServer({ env: { ...IN_PRODUCTION, WORKERS: '2' } });
      await eventually(async () => existsSync(tokenFile()), Boolean, 10_000);
      const token = readFileSync(tokenFile(), 'utf8');
      const requests = Array.from({ length: 12 }, (_, n) => register(`p${n}@example.com`, token));
      const answers = await Promise.all(requests);
      expect(answers.filter(([status]) => status === 201)).toEqual([[201, 'admin']]);
      expect(answers.filter(([, code]) => code === 'registration-closed')).toHaveLength(11);
      expect(tellings(token)).toBe(1);
    },
    MAY_BE_SLOW,
  );

  it(
    'is made from the shell, as are those of members, while the service runs',
    async () => {
      server = await startServer({ env: IN_PRODUCTION });
      const ada = ['--email', 'Ada@example.com', '--name', 'Ada'];
      expect((await createUser(PASSWORD, ...ada))[0]).toBe(1);
      const [code, output] = await createUser(`${PASSWORD}\n`, ...ada, '--admin');
      expect([code, output]).toEqual([0, 'Made the account of ada@example.com (admin).\n']);
      expect(existsSync(tokenFile())).toBe(false);
      const [, made] = await createUser('', '--email', 'bob@example.com');
      const password = /shown this once: (\S{20})\n/.exec(made)![1];
      const client = await HttpClient.connect(server.url);
      const login = (credentials: object) => client.post('/api/v1/auth/login', credentials);
      const admin = await login({ email: 'ada@example.com', password: PASSWORD });
      expect([admin.status, admin.body['user'].role]).toEqual([200, 'admin']);
      const member = await login({ email: 'bob@example.com', password });
      expect([member.status, member.body['user'].role]).toEqual([200, 'member']);
      // There is a workspace for it.
      const link = { url: 'https://example.com/' };
      const token = member.body['accessToken'] as string;
      expect((await client.post('/api/v1/links', link, { token })).status).toBe(201);
    },
    MAY_BE_SLOW,
  );

  it(
    'is made in the embedded database while the service is stopped, and only then',
    async () => {
      const databaseUrl = 'embedded';
      server = await startServer({ databaseUrl, env: { ...IN_PRODUCTION, NODE_ENV: 'staging' } });
      const ada = ['--email', 'ada@example.com', '--admin'];
      const [refused, reason] = await createUser(PASSWORD, ...ada);
      expect([refused, reason]).toEqual([1, expect.stringMatching(/another process is running/)]);
      await server.stop();
      expect((await createUser(PASSWORD, ...ada))[0]).toBe(0);
      await server.start();
      const client = await HttpClient.connect(server.url);
      const credentials = { email: 'ada@example.com', password: PASSWORD };
      expect((await client.post('/api/v1/auth/login', credentials)).status).toBe(200);
    },
    MAY_BE_SLOW,
  );

  it(
    'never has a password that stands on the command line',
    async () => {
      server = await startServer({ env: IN_PRODUCTION });
      const ada = ['--email', 'ada@example.com', '--admin'];
      const [code, output] = await createUser('', ...ada, '--password', 'hunter22hunter');
      expect([code, output]).toEqual([1, expect.stringContaining('usage:')]);
      expect(output).not.toContain('hunter22');
      const [, weak] = await createUser('my-signpost', ...ada);
      expect(weak).toBe(
        'No account was made: The password must not contain the name of this service.\n',
      );
    },
    MAY_BE_SLOW,
  );
});
