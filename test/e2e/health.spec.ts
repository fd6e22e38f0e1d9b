import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { eventually, health } from '../support/api.js';
import { createDatabase } from '../support/database.js';
import { cleanEnvironment, signpost } from '../support/environment.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { HttpClient } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const NOWHERE = 'postgres://nobody:hunter2@127.0.0.1:1/nothing';

describe('Health', () => {
  describe('of a running server', () => {
    let server: TestServer;
    let client: HttpClient;

    beforeAll(async () => {
      server = await startServer();
      client = await HttpClient.connect(server.url);
    });

    afterAll(() => server.remove());

    it('is healthy, and says for how long and in which version', async () => {
      const { status, body, headers } = await client.get('/health');
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body).toMatchObject({
        status: 'healthy',
        uptime_seconds: expect.any(Number),
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        checks: { database: { status: 'up', responseTimeMs: expect.any(Number) } },
      });
    });

    it.each(['live', 'ready', 'startup'])('answers the %s probe', async (probe) => {
      const { status, body } = await client.get(`/health/${probe}`);
      expect(status).toBe(200);
      expect(body.status).toBe('ok');
    });

    it('answers probes that ask with HEAD', async () => {
      expect((await client.head('/health/ready')).status).toBe(200);
    });

    it('gives its metrics to Prometheus', async () => {
      const { text, headers } = await client.get('/metrics');
      expect(headers.get('content-type')).toMatch(/^text\/plain/);
      expect(text).toContain('# TYPE process_cpu_seconds_total counter');
      expect(text).toContain('nodejs_eventloop_lag_seconds');
    });
  });

  describe('without a database', () => {
    let server: TestServer;
    let client: HttpClient;

    beforeAll(async () => {
      server = await startServer({ databaseUrl: NOWHERE, until: 'live' });
      client = await HttpClient.connect(server.url);
    });

    afterAll(() => server.remove());

    it('is alive, but not ready, and says why', async () => {
      await sleep(300);
      expect((await client.get('/health/live')).status).toBe(200);
      const { status, body, headers } = await client.get('/health/ready');
      expect(status).toBe(503);
      expect(headers.get('retry-after')).toMatch(/^\d+$/);
      expect(body).toMatchObject({
        code: 'not-ready',
        detail: expect.stringMatching(/^database: /),
      });
      expect(JSON.stringify(body)).not.toContain('hunter2');
    });

    it('is degraded', async () => {
      const { status, body } = await client.get('/health');
      expect(status).toBe(200);
      expect(body).toMatchObject({ status: 'degraded', checks: { database: { status: 'down' } } });
    });

    it('answers what needs the database with 503 and when to try again', async () => {
      const account = { email: 'a@example.com', password: 'correct horse battery' };
      const { status, body, headers } = await client.post('/api/v1/auth/login', account);
      expect(status).toBe(503);
      expect(body.code).toBe('database-unavailable');
      expect(headers.get('retry-after')).toBe('5');
    });

    it('never writes the password of the database to the log', () => {
      expect(server.log).toContain('The database is not ready');
      expect(server.log).not.toContain('hunter2');
    });
  });

  it('says why PostgreSQL does not answer, without the password', async () => {
    const database = await createDatabase();
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    const role = `role_${Date.now()}`;
    await admin.query(`CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD 'hunter2'`);
    const url = new URL(database.url);
    [url.username, url.password] = [role, 'hunter2'];
    const proxy = await FaultProxy.to(url.href);
    const server = await startServer({ databaseUrl: proxy.url });
    const reason = async (): Promise<unknown> =>
      (await health(server.url))[1]['checks'].database.reason;
    const expectReason = async (expected: RegExp): Promise<void> => {
      const found = await eventually(reason, (text) => expected.test(String(text)), 5_000);
      expect(found).toMatch(expected);
      expect(found).not.toMatch(/hunter2|postgres:\/\//);
    };
    try {
      await proxy.set('refuse');
      await expectReason(/^PostgreSQL does not answer queries: connect ECONNREFUSED 127\.0\.0\.1/);
      await admin.query(`ALTER ROLE ${role} PASSWORD 'other'`);
      await proxy.set('pass');
      await expectReason(/^PostgreSQL does not answer queries: password authentication failed/);
      await proxy.set('blackhole');
      await expectReason(/^PostgreSQL does not answer within 1000 ms/);
    } finally {
      await server.remove();
      await proxy.close();
      await admin.query(`DROP ROLE ${role}`);
      await admin.end();
      await database.drop();
    }
  });

  it('names the pending migrations while they keep the server from being ready', async () => {
    const database = await createDatabase('empty');
    const server = await startServer({
      databaseUrl: database.url,
      env: { MIGRATE_ON_START: 'false' },
      until: 'live',
    });
    try {
      const client = await HttpClient.connect(server.url);
      await sleep(500);
      const { status, body } = await client.get('/health/ready');
      expect(status).toBe(503);
      expect(body.detail).toContain('CreateAccounts');
    } finally {
      await server.remove();
      await database.drop();
    }
  });
});

describe('Shutdown', () => {
  /** A request whose body is still on its way. */
  async function beginRequest(server: TestServer): Promise<Socket> {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.setEncoding('utf8');
    await once(socket, 'connect');
    socket.write(
      'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
        'Content-Length: 2\r\n\r\n{',
    );
    await sleep(100);
    return socket;
  }

  async function withServer(
    env: Record<string, string>,
    work: (server: TestServer) => Promise<void>,
  ): Promise<void> {
    const server = await startServer({ env });
    try {
      await work(server);
    } finally {
      await server.remove();
    }
  }

  it(
    'answers the request under way, closes idle connections and exits with 0',
    () =>
      withServer({}, async (server) => {
        await (await fetch(`${server.url}/health/live`)).text(); // leaves an idle connection
        const socket = await beginRequest(server);
        const exit = server.stop('SIGTERM');
        await sleep(200);
        socket.write('}');
        const [answer] = (await once(socket, 'data')) as [string];
        expect(answer).toMatch(/^HTTP\/1.1 400 /);
        expect(await exit).toBe(0);
      }),
    20_000,
  );

  it(
    'fails its readiness at once, while it still serves',
    () =>
      withServer({ SHUTDOWN_DELAY_SECONDS: '2' }, async (server) => {
        const exit = server.stop('SIGTERM');
        await sleep(200);
        expect((await fetch(`${server.url}/health/ready`)).status).toBe(503);
        expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
        expect(await exit).toBe(0);
      }),
    20_000,
  );

  it(
    'exits within the grace period even if a client never finishes',
    () =>
      withServer({ SHUTDOWN_GRACE_SECONDS: '2' }, async (server) => {
        await beginRequest(server);
        const begun = Date.now();
        expect(await server.stop('SIGTERM')).toBe(0);
        expect(Date.now() - begun).toBeLessThan(2_000);
      }),
    20_000,
  );

  it(
    'exits at once when told twice',
    () =>
      withServer({}, async (server) => {
        await beginRequest(server);
        void server.stop('SIGTERM');
        await sleep(400);
        expect(await server.stop('SIGTERM')).toBe(143);
      }),
    20_000,
  );
});

describe('Starting', () => {
  /** The exit code, and everything that was printed. */
  async function startInVain(env: Record<string, string | undefined>): Promise<[number, string]> {
    const child = spawn(process.execPath, signpost('serve'), {
      cwd: tmpdir(),
      env: cleanEnvironment({ DATABASE_URL: NOWHERE, JWT_SECRET: 'x'.repeat(40), ...env }),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const [code] = (await once(child, 'close')) as [number];
    return [code, output];
  }

  it('says in one line that the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const directory = mkdtempSync(join(tmpdir(), 'signpost-'));
    try {
      const [code, output] = await startInVain({ PORT: String(port), DATA_DIR: directory });
      expect(code).toBe(1);
      expect(output).toContain(`Port ${port} of 127.0.0.1 is in use`);
      expect(output).not.toContain('    at ');
    } finally {
      other.close();
      rmSync(directory, { recursive: true });
    }
  });

  it('names every wrong variable, without values and without a stack', async () => {
    const [code, output] = await startInVain({ LOG_LEVEL: 'loud', BODY_LIMIT_BYTES: 'ten' });
    expect(code).toBe(1);
    expect(output).toMatch(/LOG_LEVEL/);
    expect(output).toMatch(/BODY_LIMIT_BYTES/);
    expect(output).not.toMatch(/loud|ten\b|    at /);
  });

  it.each(['REGISTRATIONS', 'PUBLIC_ULR'])('names %s, which is no setting', async (name) => {
    const [code, output] = await startInVain({ [name]: 'closed' });
    expect([code, output]).toEqual([1, expect.stringContaining(`${name} is not a setting; did`)]);
    expect(output).not.toContain('    at ');
  });

  it('asks for PUBLIC_URL in production: links would lead to localhost', async () => {
    const [code, output] = await startInVain({ NODE_ENV: 'production' });
    expect([code, output]).toEqual([1, expect.stringContaining('PUBLIC_URL must be set')]);
  });

  it.each([
    ['DATA_DIR', 'PostgreSQL', NOWHERE, '.'],
    ['DATA_DIR', 'the embedded database', undefined, '.'],
    ['The directory spool', 'PostgreSQL', NOWHERE, 'spool'],
    ['The directory postgres', 'the embedded database', undefined, 'postgres'],
  ])('says in one line that %s cannot be written to, on %s', async (what, _on, url, part) => {
    const directory = mkdtempSync(join(tmpdir(), 'signpost-'));
    const dataDir = join(directory, 'data');
    // Also root cannot make a directory of a file.
    if (part !== '.') mkdirSync(dataDir);
    writeFileSync(join(dataDir, part), '');
    try {
      const [code, output] = await startInVain({ DATA_DIR: dataDir, DATABASE_URL: url });
      const lines = output.trim().split('\n');
      expect([code, lines.length]).toEqual([1, 2]);
      expect(lines[1]).toContain(what);
      expect(lines[1]).toContain('must be a directory that can be written to');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
