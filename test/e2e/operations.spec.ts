import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { eventually, health } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/free-port.js';
import { HttpClient } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const TOKEN = randomBytes(24).toString('hex');
const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://go.example.com',
  BCRYPT_COST: '10',
};
/** What tells of the machine, its network or the release. */
const TELLING =
  /127\.0\.0\.1|ECONN|postgres|PostgreSQL|hunter2|pid|\/tmp|data|version|\d+\.\d+\.\d+/i;

/** A server in production on a database that answers every connection with nothing. */
async function startWithoutDatabase(env: Record<string, string> = {}): Promise<TestServer> {
  const databaseUrl = 'postgres://nobody:hunter2@127.0.0.1:1/nothing';
  return startServer({ databaseUrl, until: 'live', env: { ...PRODUCTION, ...env } });
}

describe('In production', () => {
  let database: TestDatabase;
  const servers: TestServer[] = [];
  const start = async (env: Record<string, string>) => {
    const all = { ...PRODUCTION, SHUTDOWN_DELAY_SECONDS: '0', ...env };
    const server = await startServer({ databaseUrl: database.url, env: all });
    servers.push(server);
    return server;
  };
  const scrape = (url: string, token?: string) =>
    fetch(
      `${url}/metrics`,
      token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
    );

  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(async () => {
    for (const server of servers) await server.remove();
    await database.drop();
  });

  describe('a stranger', () => {
    let server: TestServer;
    let client: HttpClient;

    beforeAll(async () => {
      server = await start({});
      client = await HttpClient.connect(server.url);
    });

    it('finds neither metrics nor docs', async () => {
      expect((await client.get('/metrics')).body.code).toBe('not-found');
      expect((await client.get('/metrics', { token: TOKEN })).status).toBe(404);
      expect((await fetch(`${server.url}/docs`)).status).toBe(404);
    });

    it('is told that the service is well, and no more', async () => {
      const { body, text } = await client.get('/health');
      expect(body).toEqual({
        status: 'healthy',
        checks: {
          process: { status: 'up' },
          database: { status: 'up' },
          spool: { status: 'up' },
          ingestion: { status: 'up' },
        },
      });
      for (const probe of ['live', 'ready', 'startup']) {
        expect((await client.get(`/health/${probe}`)).status).toBe(200);
      }
      expect((await client.get('/health/ready')).text + text).not.toMatch(/pid|lostClicks|Ms"/);
    });

    it('still reads the OpenAPI document, which does not tell the release', async () => {
      const document = await (await fetch(`${server.url}/openapi.json`)).json();
      expect((document as { info: { version: string } }).info.version).toBe('1');
    });
  });

  it('a stranger is not told why the service is unwell; the log and an operator are', async () => {
    const server = await startWithoutDatabase({ METRICS_TOKEN: TOKEN });
    try {
      const client = await HttpClient.connect(server.url);
      const [ready, summary] = [await client.get('/health/ready'), await client.get('/health')];
      expect([ready.status, ready.body.detail]).toEqual([503, 'database: down.']);
      expect(summary.body).toMatchObject({ checks: { database: { status: 'down' } } });
      const { requestId: _, instance: __, ...told } = ready.body;
      expect(JSON.stringify([told, summary.body]).replaceAll('database', '')).not.toMatch(TELLING);

      const operator = { token: TOKEN };
      expect((await client.get('/health/ready', operator)).body.detail).toContain('ECONNREFUSED');
      const details = (await client.get('/health', operator)).body;
      expect(details).toMatchObject({
        version: expect.any(String),
        uptime_seconds: expect.any(Number),
      });
      expect(details['checks'].database.reason).toContain('ECONNREFUSED');
      expect(server.log).toContain('ECONNREFUSED');
      expect(server.log).not.toContain(TOKEN);
    } finally {
      await server.remove();
    }
  });

  it('a scraper with the METRICS_TOKEN gets the metrics, and nobody else', async () => {
    const server = await start({ METRICS_TOKEN: TOKEN });
    const client = await HttpClient.connect(server.url);
    const refused = [
      await client.get('/metrics'),
      await client.get('/metrics', { token: 'guess' }),
    ];
    expect(refused.map(({ status, body }) => `${status} ${body.code}`)).toEqual([
      '401 unauthenticated',
      '401 unauthenticated',
    ]);
    const { status, text } = await client.get('/metrics', { token: TOKEN });
    expect([status, text]).toEqual([200, expect.stringContaining('signpost_processes 1')]);
    expect((await client.head('/metrics', { token: TOKEN })).status).toBe(200);
  });

  it.each(['1', '2'])(
    'METRICS_PORT tells of all of %s workers, and the public port does not',
    async (WORKERS) => {
      const port = String(await freePort());
      const server = await start({ METRICS_PORT: port, WORKERS });
      const url = `http://127.0.0.1:${port}`;
      expect((await scrape(server.url)).status).toBe(404);
      expect((await scrape(url)).headers.get('content-type')).toMatch(/^text\/plain/);
      // The second worker may still be starting.
      const processes = async () =>
        /^signpost_processes (.+)$/m.exec(await (await scrape(url)).text())?.[1];
      expect(await eventually(processes, (count) => count === WORKERS, 30_000)).toBe(WORKERS);
      expect((await fetch(`${url}/health`)).status).toBe(404);
      expect((await health(server.url, '/ready'))[0]).toBe(200);
      expect(await server.stop()).toBe(0);
    },
  );

  it('METRICS_PORT asks for the METRICS_TOKEN, too, if there is one', async () => {
    const port = String(await freePort());
    await start({ METRICS_PORT: port, METRICS_TOKEN: TOKEN });
    const url = `http://127.0.0.1:${port}`;
    const answers = [await scrape(url), await scrape(url, 'guess'), await scrape(url, TOKEN)];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 200]);
    expect(answers[0]!.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('a METRICS_PORT that is in use is told by its name', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => other.once('listening', done));
    const { port } = other.address() as AddressInfo;
    try {
      await expect(start({ METRICS_PORT: String(port) })).rejects.toThrow(
        `Port ${port} of 127.0.0.1 is in use; set another METRICS_PORT`,
      );
    } finally {
      other.close();
    }
  });
});
