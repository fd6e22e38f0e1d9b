import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { follow, TestUser } from '../support/api.js';
import { HttpClient, type HttpAnswer, type Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const PASSWORD = 'a'.repeat(12);
const LIMITS = {
  RATE_LIMIT_API_PER_MINUTE: '1000',
  RATE_LIMIT_FAILED_LOGINS_PER_MINUTE: '3',
  RATE_LIMIT_REGISTRATIONS_PER_HOUR: '4',
  RATE_LIMIT_UNKNOWN_CODES_PER_MINUTE: '5',
  // Every test is a visitor of its own.
  TRUSTED_PROXIES: '127.0.0.1',
};

/** Whose requests come from this address. */
const from = (address: string) => ({ 'x-forwarded-for': address });
const quotaOf = ({ headers }: { headers: Headers }) => [
  headers.get('ratelimit-policy'),
  headers.get('ratelimit'),
];

describe('Rate limits', () => {
  let one: TestServer;
  let other: TestServer;
  let clients: HttpClient[];
  let ada: { email: string; token: string };

  beforeAll(async () => {
    one = await startServer({ env: LIMITS });
    other = await startServer({
      databaseUrl: one.databaseUrl,
      env: { ...LIMITS, JWT_SECRET: one.jwtSecret },
    });
    clients = await Promise.all([one, other].map(({ url }) => HttpClient.connect(url)));
    ada = await register('ada@example.com', '203.0.113.1');
  }, 60_000);
  afterAll(async () => {
    await other.remove();
    await one.remove();
  });

  /** The requests go to both processes in turns. */
  const inTurns = async <T>(times: number, ask: (client: HttpClient, n: number) => Promise<T>) => {
    const answers: T[] = [];
    for (let n = 0; n < times; n += 1) answers.push(await ask(clients[n % 2]!, n));
    return answers;
  };
  const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status);

  const tryToRegister = (client: HttpClient, email: string, address: string) =>
    client.post('/api/v1/auth/register', { email, password: PASSWORD }, { headers: from(address) });
  async function register(email: string, address: string) {
    const { body } = await tryToRegister(clients[0]!, email, address);
    return { email, token: body['accessToken'] as string };
  }
  const login = (client: HttpClient, email: string, password: string, address: string) =>
    client.post('/api/v1/auth/login', { email, password }, { headers: from(address) });

  /** A refusal says truthfully when it is over, and which limit it was. */
  function expectRefusal({ headers, body }: HttpAnswer<Fields>, policy: string, within: number) {
    const seconds = Number(headers.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(within);
    expect(body).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      code: 'quota-exceeded',
      status: 429,
      violatedPolicies: [policy],
    });
    expect(headers.get('ratelimit')).toBe(`"${policy}";r=0;t=${seconds}`);
  }

  it('hold for wrong passwords of whoever has only a token, too', async () => {
    const { token } = await register('eve@example.com', '203.0.113.90');
    const body = { currentPassword: 'not the password', newPassword: 'b'.repeat(12) };
    const answers = await inTurns(4, (client) =>
      client.post('/api/v1/auth/password', body, { token }),
    );
    expect(statuses(answers)).toEqual([422, 422, 422, 429]);
    expectRefusal(answers.at(-1)!, 'login', 60);
  });

  describe('of the API', () => {
    it('are told with every answer, whatever it is', async () => {
      const { token } = ada;
      const client = clients[0]!;
      const answers = [
        await client.get('/api/v1/auth/me', { token }),
        await client.post('/api/v1/links', { url: 'https://example.com/' }, { token }),
        await client.post('/api/v1/links', { url: 'nonsense' }, { token }),
        await client.post('/api/v1/links', 'no JSON', { token }),
        await client.get('/api/v1/auth/me'),
        await client.get('/api/v1/links/01930e2c-7f4a-7b61-9c55-1f0e2d3c4b5a', { token }),
      ];
      expect(statuses(answers)).toEqual([200, 201, 400, 400, 401, 404]);
      for (const answer of answers) {
        expect(quotaOf(answer)).toEqual([
          '"api";q=1000;w=60',
          expect.stringMatching(/^"api";r=9\d\d;t=\d+$/),
        ]);
      }
    });

    it('count a user in all processes together, from wherever, and strangers apart', async () => {
      const bob = await register('bob@example.com', '203.0.113.2');
      const answers = await inTurns(6, (client, n) =>
        client.get('/api/v1/auth/me', { token: bob.token, headers: from(`203.0.113.${10 + n}`) }),
      );
      const left = answers.map((answer) => /r=(\d+)/.exec(quotaOf(answer)[1]!)![1]);
      expect(left).toEqual(['999', '998', '997', '996', '995', '994']);
      const stranger = await clients[0]!.get('/api/v1/auth/me', {
        token: `${bob.token}x`,
        headers: from('203.0.113.20'),
      });
      expect(quotaOf(stranger)[1]).toMatch(/r=999/);
    });

    it.each(['/api/v1/auth/me', '/%61pi/v1/auth/me', '/api/v1/auth/m%65'])(
      'count a request however its path is spelt: %s',
      async (path) => {
        const answer = await fetch(`${one.url}${path}`, {
          headers: { authorization: `Bearer ${ada.token}` },
        });
        expect([answer.status, quotaOf(answer)[0]]).toEqual([200, '"api";q=1000;w=60']);
      },
    );

    it('count a request whose target is a whole URL', async () => {
      const { hostname, port } = new URL(one.url);
      const target = `${one.url}/api/v1/auth/me`;
      const headers = { authorization: `Bearer ${ada.token}` };
      const asked = request({ hostname, port, path: target, headers }).end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      answer.resume();
      expect([answer.statusCode, answer.headers['ratelimit-policy']]).toEqual([
        200,
        '"api";q=1000;w=60',
      ]);
    });

    it('are not told by redirects, pages and health checks', async () => {
      const { body } = await clients[0]!.post(
        '/api/v1/links',
        { url: 'https://example.com/' },
        { token: ada.token },
      );
      const answers = [
        await follow(one.url, body['code'] as string),
        await follow(one.url, body['code'] as string, {}, 'HEAD'),
        await follow(one.url, 'health'),
        await follow(one.url, ''),
      ];
      expect(statuses(answers)).toEqual([302, 302, 200, 200]);
      for (const answer of answers) expect(quotaOf(answer)).toEqual([null, null]);
    });
  });

  describe('of logins', () => {
    const wrong = 'not the password';

    it('stop who guesses, in all processes together, however they spell the account', async () => {
      const spellings = ['ada@example.com', ' ADA@example.com', 'Ada@Example.com ', ada.email];
      const answers = await inTurns(5, (client, n) =>
        login(client, spellings[n % 4]!, wrong, '198.51.100.1'),
      );
      expect(statuses(answers)).toEqual([401, 401, 401, 429, 429]);
      expectRefusal(answers[3]!, 'login', 60);
      expect(statuses([await login(clients[0]!, ada.email, PASSWORD, '198.51.100.1')])).toEqual([
        429,
      ]);
    });

    it('count one account, however its domain is spelt', async () => {
      const spellings = [
        'eva@bücher.example',
        'EVA@xn--bcher-kva.example',
        '\u200beva@bu\u0308cher.example',
      ];
      const answers = await inTurns(4, (client, n) =>
        login(client, spellings[n % 3]!, wrong, '198.51.100.77'),
      );
      expect(statuses(answers)).toEqual([401, 401, 401, 429]);
    });

    it('lock out nobody else: neither the account elsewhere, nor others at the address', async () => {
      const carol = await register('carol@example.com', '203.0.113.3');
      await inTurns(4, (client) => login(client, carol.email, wrong, '198.51.100.2'));
      const answers = [
        await login(clients[0]!, carol.email, PASSWORD, '198.51.100.3'),
        await login(clients[0]!, ada.email, PASSWORD, '198.51.100.2'),
      ];
      expect(statuses(answers)).toEqual([200, 200]);
    });

    it('say the same of accounts that do not exist', async () => {
      const answers = await inTurns(4, (client) =>
        login(client, 'nobody@example.com', wrong, '198.51.100.4'),
      );
      expect(statuses(answers)).toEqual([401, 401, 401, 429]);
    });

    it('do not meet who knows the password, however many log in at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => login(clients[0]!, ada.email, PASSWORD, '198.51.100.5')),
      );
      expect(new Set(statuses(answers))).toEqual(new Set([200]));
    });

    it('stop who tries many accounts from one network', async () => {
      const answers = await inTurns(31, (client, n) =>
        login(client, `user${n}@example.com`, wrong, `2001:db8:0:1::${(n + 1).toString(16)}`),
      );
      expect(new Set(statuses(answers.slice(0, 30)))).toEqual(new Set([401]));
      expectRefusal(answers[30]!, 'login-address', 60);
    });

    it('stop who tries one account from many networks, but not its owner', async () => {
      const dave = await register('dave@example.com', '203.0.113.4');
      const atHome = '198.51.100.6';
      expect((await login(clients[0]!, dave.email, PASSWORD, atHome)).status).toBe(200);
      const answers = await inTurns(31, (client, n) =>
        login(client, dave.email, wrong, `192.0.2.${n + 1}`),
      );
      expectRefusal(answers[30]!, 'login-account', 60);
      expect((await login(clients[1]!, dave.email, PASSWORD, atHome)).status).toBe(200);
    });
  });

  it('of registrations count those that succeed or tell who is registered', async () => {
    const address = '203.0.113.5';
    const mails = ['erin@example.com', 'no address', 'erin@example.com', 'faythe@example.com'];
    const answers = await inTurns(6, (client, n) =>
      tryToRegister(client, mails[n] ?? `grace${n}@example.com`, address),
    );
    expect(statuses(answers)).toEqual([201, 400, 409, 201, 201, 429]);
    expectRefusal(answers[5]!, 'registration', 3_600);
    expect((await tryToRegister(clients[0]!, 'heidi@example.com', '203.0.113.6')).status).toBe(201);
  });

  describe('of unknown codes', () => {
    const ask = (client: HttpClient, code: string, address: string, method = 'GET') =>
      client.request(method, `/${code}`, undefined, { headers: from(address) });

    it('stop who tries codes, in all processes together, and no link', async () => {
      const address = '192.0.2.101';
      const { body } = await clients[0]!.post(
        '/api/v1/links',
        { url: 'https://example.com/' },
        { token: ada.token },
      );
      const answers = await inTurns(7, (client, n) => ask(client, `unknown${n}`, address));
      expect(statuses(answers)).toEqual([404, 404, 404, 404, 404, 429, 429]);
      expectRefusal(answers[5]!, 'unknown-codes', 60);
      expect((await ask(clients[0]!, 'unknown', address, 'HEAD')).status).toBe(429);
      const links = await inTurns(20, (client) => ask(client, body['code'] as string, address));
      expect(new Set(statuses(links))).toEqual(new Set([302]));
      expect((await ask(clients[0]!, 'unknown', '192.0.2.102')).status).toBe(404);
    });

    it('tell a person on a page', async () => {
      for (let n = 0; n < 5; n += 1) await follow(one.url, 'nothing', from('192.0.2.103'));
      const { status, headers, text } = await follow(one.url, 'nothing', {
        ...from('192.0.2.103'),
        accept: 'text/html',
      });
      expect([status, headers.get('content-type')]).toEqual([429, 'text/html; charset=utf-8']);
      expect(text).toContain('Too many addresses that do not exist');
    });

    it('do not write for whoever has exceeded them', async () => {
      const address = '192.0.2.104';
      await inTurns(12, (client) => ask(client, 'nothing', address));
      const points = async () =>
        (
          await query(`SELECT max(points) AS points FROM rate_limits WHERE key LIKE 'unknown-%'`)
        )[0];
      const before = await points();
      await inTurns(100, (client) => ask(client, 'nothing', address));
      expect(await points()).toEqual(before);
    });
  });

  it('are kept without an address or a name that can be read', async () => {
    const kept = JSON.stringify(await query('SELECT * FROM rate_limits'));
    expect(kept).toContain('login-account:');
    expect(kept).not.toMatch(/example|203\.0|198\.51|192\.0|2001:/);
  });

  it('are counted in the metrics', async () => {
    const text = await (await fetch(`${one.url}/metrics`)).text();
    for (const policy of ['login', 'unknown-codes'])
      expect(text).toMatch(
        new RegExp(`^signpost_rate_limited_total\\{policy="${policy}"\\} [1-9]`, 'm'),
      );
  });

  describe('where no proxy is trusted', () => {
    let server: TestServer;

    beforeAll(async () => {
      server = await startServer({ env: { RATE_LIMIT_UNKNOWN_CODES_PER_MINUTE: '99' } });
    }, 60_000);
    afterAll(() => server.remove());

    it('take a hundred forged addresses for one client', async () => {
      const client = await HttpClient.connect(server.url);
      const answers: number[] = [];
      for (let n = 1; n <= 100; n += 1) {
        const headers = from(`192.0.2.${n}`);
        answers.push((await client.get(`/unknown${n}`, { headers })).status);
      }
      expect(answers.slice(0, 99)).toEqual(Array(99).fill(404));
      expect(answers[99]).toBe(429);
    });
  });

  it('let pass who has waited as long as they were told to', async () => {
    const server = await startServer({ env: { RATE_LIMIT_API_PER_MINUTE: '5' } });
    try {
      const { client, token } = await TestUser.register(server.url);
      const ask = () => client.get('/api/v1/auth/me', { token });
      for (let n = 0; n < 5; n += 1) await ask();
      // As if the window of a minute was nearly over.
      await query('UPDATE rate_limits SET expire = $1', [Date.now() + 3_000], server.databaseUrl);
      const refused = await ask();
      expectRefusal(refused, 'api', 3);
      await sleep(Number(refused.headers.get('retry-after')) * 1_000);
      expect((await ask()).status).toBe(200);
    } finally {
      await server.remove();
    }
  }, 60_000);

  async function query(sql: string, values: unknown[] = [], url = one.databaseUrl) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Fields>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }
});
