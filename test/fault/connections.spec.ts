import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, follow, TestUser } from '../support/api.js';
import { metric } from '../support/metrics.js';
import { startServer, type TestServer } from '../support/server.js';

const MIB = 1024 * 1024;

/** A client that says and hears bytes. */
class RawClient {
  heard = '';
  isClosed = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => (this.heard += chunk.toString('latin1')));
    socket.on('end', () => socket.end());
    socket.on('close', () => (this.isClosed = true));
    socket.on('error', () => undefined);
  }

  static async connect(server: TestServer): Promise<RawClient> {
    const { hostname, port } = new URL(server.url);
    const client = new RawClient(
      connect({ host: hostname, port: Number(port), allowHalfOpen: true }),
    );
    await once(client.socket, 'connect');
    return client;
  }

  get statuses(): number[] {
    return [...this.heard.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
  }

  /** The statuses once so many are there, or the connection is closed. */
  answers(count: number, withinMs = 10_000): Promise<number[]> {
    return eventually(
      async () => this.statuses,
      (statuses) => statuses.length >= count || this.isClosed,
      withinMs,
    );
  }
}

describe('A stranger with many connections', () => {
  let server: TestServer;
  let user: TestUser;
  let code: string;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    server = await startServer({ env: { MAX_CONNECTIONS_PER_ADDRESS: '300' } });
    user = await TestUser.register(server.url);
    ({ code } = (await user.shorten()) as { code: string });
  });
  afterAll(async () => {
    for (const { socket } of clients) socket.destroy();
    await server.remove();
  });

  const connected = async (): Promise<RawClient> => {
    const client = await RawClient.connect(server);
    clients.push(client);
    return client;
  };
  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: s.example\r\n\r\n`;
  const post = (path: string, body: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: s.example\r\nAuthorization: Bearer ${user.token}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const memory = () => metric(server.url, 'process_resident_memory_bytes');

  /** How long a visitor waits for each of some redirects, on connections of their own. */
  const visit = async (times: number): Promise<number[]> => {
    const waits: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const startedAt = performance.now();
      const { status } = await follow(server.url, code, { connection: 'close' });
      expect(status).toBe(302);
      waits.push(Math.round(performance.now() - startedAt));
    }
    return waits.toSorted((a, b) => a - b);
  };
  const tell = (what: string, waits: number[]): void => {
    const [median, most] = [waits[waits.length >> 1], waits.at(-1)];
    process.stdout.write(`  Redirects ${what}: median ${median} ms, at most ${most} ms\n`);
  };

  it.each(['/summer', '/api/v1/links'])(
    'who never reads the answers to GET %s neither fills the memory nor stops redirects',
    async (path) => {
      const before = await memory();
      const requests = Buffer.from(get(path === '/summer' ? `/${code}` : path).repeat(1_500));
      const flood = await Promise.all(Array.from({ length: 200 }, connected));
      for (const { socket } of flood) {
        socket.pause();
        while (socket.write(requests) && socket.writableLength < MIB);
      }
      tell(`while 200 connections send ${path} and read nothing`, await visit(20));
      const grownMiB = ((await memory()) - before) / MIB;
      for (const { socket } of flood) socket.destroy();
      // Without a bound it is gigabytes, until the process dies.
      expect(grownMiB).toBeLessThan(500);
    },
    120_000,
  );

  it('who sends 10 MiB of requests at once has to share with others', async () => {
    const request = get(`/${code}`);
    const count = Math.floor((10 * MIB) / request.length);
    const burst = await connected();
    burst.socket.write(request.repeat(count));
    tell('beside a burst of 10 MiB', await visit(20));
    expect(burst.statuses.length).toBeLessThan(count);
    burst.socket.destroy();
  }, 60_000);

  it('who leaves bodies unfinished is told so after 30 seconds', async () => {
    const slow = await connected();
    const startedAt = performance.now();
    slow.socket.write(post('/api/v1/links', '{"url":').replace('h: 7', 'h: 70'));
    // Life signs do not count: the whole request has to be there.
    const trickle = setInterval(() => slow.socket.write(' '), 1_000);
    const statuses = await slow.answers(1, 60_000);
    clearInterval(trickle);
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(statuses).toEqual([408]);
    expect(seconds).toBeGreaterThan(29);
    expect(seconds).toBeLessThan(45);
  }, 90_000);

  it('gets no more than MAX_CONNECTIONS_PER_ADDRESS of them', async () => {
    const many = await Promise.all(Array.from({ length: 320 }, connected));
    const open = () => many.filter(({ isClosed }) => !isClosed).length;
    await eventually(
      async () => open(),
      (left) => left <= 300,
    );
    expect(open()).toBeLessThanOrEqual(300);
    expect(open()).toBeGreaterThan(250);
    for (const { socket } of many) socket.destroy();
    const status = async () => (await follow(server.url, code).catch(() => undefined))?.status;
    expect(await eventually(status, (answer) => answer === 302)).toBe(302);
    expect(await metric(server.url, 'signpost_connections_refused_total')).toBeGreaterThan(0);
  });

  it('is answered in order up to what is no request', async () => {
    const client = await connected();
    const link = JSON.stringify({ url: 'https://example.com/', code: 'before-garbage' });
    client.socket.write(`${get(`/${code}`)}${post('/api/v1/links', link)}!! no request\r\n\r\n`);
    expect(await client.answers(3)).toEqual([302, 201, 400]);
    await eventually(async () => client.isClosed, Boolean);
    expect((await follow(server.url, 'before-garbage')).status).toBe(302);
  });

  it('is answered after the end of what it sends', async () => {
    for (const [request, status] of [
      [post('/api/v1/links', '{"url":"https://example.com/"}'), 201],
      [get(`/${code}`), 302],
      [get('/no-such-code'), 404],
      [get('/health/live'), 200],
    ] as const) {
      const client = await connected();
      client.socket.end(request);
      expect(await client.answers(1)).toEqual([status]);
      expect(await eventually(async () => client.isClosed, Boolean)).toBe(true);
    }
  });

  it.each([
    ['two', 'Host: a.example\r\nHost: a.example'],
    ['two different', 'Host: a.example\r\nHost: b.example'],
    ['no', 'X: y'],
    ['a host with a path', 'Host: a.example/b'],
    ['a host with user info', 'Host: a@b.example'],
    ['a host with a space', 'Host: a b'],
    ['a host with a port that is none', 'Host: a.example:http'],
    ['two hosts in one', 'Host: a.example, b.example'],
    ['an empty', 'Host:'],
  ])('with %s Host header is refused, for short links and the API', async (_, host) => {
    for (const path of [`/${code}`, '/api/v1/links']) {
      const client = await connected();
      client.socket.write(`GET ${path} HTTP/1.1\r\n${host}\r\n\r\n`);
      expect(await client.answers(1)).toEqual([400]);
      await sleep(0);
    }
  });
});
