import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { OutboundClient, type Resolve } from './outbound-client.js';

/** A DNS where every name has these addresses. */
const resolveTo =
  (...addresses: string[]): Resolve =>
  (_name, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

const BOUNDS = { timeoutMs: 5_000, maxBytes: 1_000 };

describe(OutboundClient.name, () => {
  const open: { close: () => Promise<unknown> }[] = [];

  afterEach(async () => {
    for (const one of open.splice(0).toReversed()) await one.close();
  });

  function client(allowsPrivate: boolean, resolve?: Resolve): OutboundClient {
    const made = new OutboundClient(allowsPrivate, resolve);
    open.push({ close: () => made.onApplicationShutdown() });
    return made;
  }

  /** Answers on a free port of 127.0.0.1, and counts who comes. */
  async function serve(
    answer: RequestListener,
  ): Promise<{ port: number; visits: () => number; server: Server }> {
    let visits = 0;
    const server = createServer((request, response) => {
      visits += 1;
      answer(request, response);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    open.push({
      close: () => {
        server.closeAllConnections();
        return new Promise((closed) => server.close(closed));
      },
    });
    return { port: (server.address() as AddressInfo).port, visits: () => visits, server };
  }

  /** Answers with a body that does not end. */
  async function serveEndlessly(): Promise<{ port: number; hungUp: Promise<unknown> }> {
    let hangUp: (value?: unknown) => void;
    const hungUp = new Promise((resolve) => {
      hangUp = resolve;
    });
    const { port } = await serve((_request, response) => response.on('close', hangUp).write('x'));
    return { port, hungUp };
  }

  it('sends what it is told to, and says who it is', async () => {
    const { port } = await serve((request, response) => {
      response.setHeader('x-seen', `${request.method} ${request.headers['user-agent']}`);
      request.pipe(response.writeHead(201));
    });
    const answer = await client(true).request(`http://127.0.0.1:${port}/hook`, {
      ...BOUNDS,
      method: 'POST',
      body: 'hello',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers['x-seen']).toMatch(/^POST Signpost\/\d/);
    expect(answer.body.toString()).toBe('hello');
  });

  describe('where private addresses are not allowed', () => {
    it.each([
      '127.0.0.1',
      '127.0.0.1.',
      '2130706433',
      '0x7f.1',
      '0x7f000001',
      '0177.0.0.1',
      '127.1',
      '127。0。0。1',
      '0.0.0.0',
      '0',
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[64:ff9b::127.0.0.1]',
      '[2002:7f00:1::]',
      '169.254.169.254',
      'localhost',
      'localhost.',
    ])('does not visit %s', async (host) => {
      const { port, visits } = await serve((_request, response) => response.end());
      const guarded = client(false);
      const url = `http://${host}:${port}/`;
      await expect(guarded.request(url, BOUNDS)).rejects.toMatchObject({ code: 'private-address' });
      await expect(guarded.check(url)).rejects.toMatchObject({ code: 'private-address' });
      expect(visits()).toBe(0);
    });

    it.each([
      ['loopback', ['127.0.0.1']],
      ['loopback of IPv6', ['::1']],
      ['a mapped address', ['::ffff:127.0.0.1']],
      ['a public address and a private one', ['93.184.216.34', '127.0.0.1']],
    ])('does not visit a name that resolves to %s', async (_what, addresses) => {
      const { port, visits } = await serve((_request, response) => response.end());
      const guarded = client(false, resolveTo(...addresses));
      const url = `http://rebound.example:${port}/`;
      await expect(guarded.request(url, BOUNDS)).rejects.toMatchObject({ code: 'private-address' });
      await expect(guarded.check(url)).rejects.toMatchObject({ code: 'private-address' });
      expect(visits()).toBe(0);
    });

    it('tells nothing of where a name has led', async () => {
      const guarded = client(false, resolveTo('10.11.12.13'));
      await expect(guarded.request('https://inside.example/', BOUNDS)).rejects.toThrow(
        /^must not lead to a private or local address$/,
      );
    });
  });

  it('connects to the address that it has looked at, and asks for it once', async () => {
    const { port } = await serve((request, response) => response.end(request.headers.host));
    const asked: string[] = [];
    const rebinding: Resolve = (name, options, callback) => {
      asked.push(name);
      // Whoever asked again would be sent to nobody.
      resolveTo(asked.length === 1 ? '127.0.0.1' : '192.0.2.1')(name, options, callback);
    };
    const answer = await client(true, rebinding).request(`http://name.example:${port}/`, BOUNDS);
    expect(answer.body.toString()).toBe(`name.example:${port}`);
    expect(asked).toEqual(['name.example']);
  });

  it('hands on a redirect, and does not follow it', async () => {
    const target = await serve((_request, response) => response.end('secret'));
    const { port } = await serve((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${target.port}/` }).end(),
    );
    const answer = await client(true).request(`http://127.0.0.1:${port}/`, BOUNDS);
    expect(answer.status).toBe(302);
    expect(target.visits()).toBe(0);
  });

  it.each([
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
    'javascript:alert(1)',
    'http://user@example.com/',
    'http://user:password@example.com/',
    '//example.com/',
    'example.com',
    '',
  ])('does not take %j for an address', async (url) => {
    await expect(client(true).request(url, BOUNDS)).rejects.toMatchObject({ code: 'invalid-url' });
    await expect(client(true).check(url)).rejects.toMatchObject({ code: 'invalid-url' });
  });

  it.each<[string, RequestListener]>([
    [
      'an endless body',
      (_request, response) => {
        const timer = setInterval(() => response.write('x'.repeat(400)), 1);
        response.on('close', () => clearInterval(timer));
      },
    ],
    ['a body that is too long by its header', (_, response) => response.end('x'.repeat(1_001))],
    ['long headers', (_, response) => response.setHeader('x', 'y'.repeat(20_000)).end()],
  ])('stops at %s', async (_what, answer) => {
    const { port } = await serve(answer);
    const asked = client(true).request(`http://127.0.0.1:${port}/`, BOUNDS);
    await expect(asked).rejects.toMatchObject({ code: 'too-large' });
  });

  it('does not unpack what is packed', async () => {
    const packed = gzipSync(Buffer.alloc(500_000));
    const { port } = await serve((request, response) =>
      response
        .writeHead(200, {
          'content-encoding': 'gzip',
          'x-asked': request.headers['accept-encoding'],
        })
        .end(packed),
    );
    const answer = await client(true).request(`http://127.0.0.1:${port}/`, BOUNDS);
    expect(answer.headers['x-asked']).toBe('identity');
    expect(answer.body.equals(packed)).toBe(true);
  });

  it.each<[string, RequestListener]>([
    ['does not answer', () => undefined],
    [
      'sends its headers, and no body',
      (_request, response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.flushHeaders();
      },
    ],
    [
      'never comes to an end',
      (_request, response) => {
        const timer = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('gives up when somebody %s', async (_what, answer) => {
    const { port } = await serve(answer);
    const asked = client(true).request(`http://127.0.0.1:${port}/`, { ...BOUNDS, timeoutMs: 300 });
    await expect(asked).rejects.toMatchObject({ code: 'timeout' });
  });

  it('is given up on when the caller wants it', async () => {
    const { port } = await serve(() => undefined);
    const stop = new AbortController();
    const asked = client(true).request(`http://127.0.0.1:${port}/`, {
      ...BOUNDS,
      signal: stop.signal,
    });
    stop.abort();
    await expect(asked).rejects.toMatchObject({ code: 'aborted' });
  });

  it.each<[string, string, (socket: Socket) => unknown]>([
    ['speaks no HTTP', 'invalid-answer', (socket) => socket.end('SSH-2.0-OpenSSH\r\n')],
    ['hangs up', 'unreachable', (socket) => socket.destroy()],
    [
      'hangs up in the middle',
      'unreachable',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'),
    ],
  ])('says so if somebody %s', async (_what, code, answer) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined).once('data', () => answer(socket));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    open.push({ close: () => new Promise((closed) => server.close(closed)) });
    const { port } = server.address() as AddressInfo;
    await expect(client(true).request(`http://127.0.0.1:${port}/`, BOUNDS)).rejects.toMatchObject({
      code,
    });
  });

  it('says so if nobody is there, the name is unknown, or it is no HTTPS', async () => {
    const { port, server } = await serve((_request, response) => response.end());
    await expect(client(true).request(`https://127.0.0.1:${port}/`, BOUNDS)).rejects.toMatchObject({
      code: 'invalid-certificate',
    });
    await new Promise((closed) => server.close(closed));
    await expect(client(true).request(`http://127.0.0.1:${port}/`, BOUNDS)).rejects.toMatchObject({
      code: 'unreachable',
    });
    const unknown: Resolve = (_name, _options, callback) =>
      callback(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), []);
    await expect(client(true, unknown).request('http://no.example/', BOUNDS)).rejects.toMatchObject(
      {
        code: 'unknown-host',
      },
    );
  });

  it('streams a long body, and hangs up on one that is read no further', async () => {
    const whole = await serve((_request, response) => response.end(Buffer.alloc(500_000)));
    const bounds = { timeoutMs: 5_000, maxBytes: 1_000_000 };
    const read = await client(true).stream(`http://127.0.0.1:${whole.port}/`, bounds);
    let length = 0;
    for await (const chunk of read.body) length += chunk.length;
    expect(length).toBe(500_000);

    const endless = await serveEndlessly();
    const left = await client(true).stream(`http://127.0.0.1:${endless.port}/`, bounds);
    for await (const chunk of left.body) if (chunk.length > 0) break;
    await expect(endless.hungUp).resolves.toBeUndefined();
  });

  it('outlives a body that breaks off before somebody reads it', async () => {
    const { port, hungUp } = await serveEndlessly();
    await client(true).stream(`http://127.0.0.1:${port}/`, { ...BOUNDS, timeoutMs: 200 });
    await expect(hungUp).resolves.toBeUndefined();
  });
});
