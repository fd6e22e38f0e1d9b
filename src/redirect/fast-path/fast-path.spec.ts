import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpConnections } from '../../platform/http/http-connections.js';
import { NodeConnection } from '../../platform/http/node-connection.js';
import type { RedirectService } from '../redirect.service.js';
import type { RedirectAnswer } from '../redirect.types.js';
import { RedirectFastPath } from './fast-path.js';

const KEPT = ['user-agent', 'referer', 'accept-language', 'x-forwarded-for', 'sec-purpose'];
const get = (path: string, ...headers: string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: s.example', ...headers, '', ''].join('\r\n');

/** A client that says bytes, and hears bytes. */
class RawClient {
  heard = '';
  hasEnded = false;

  constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => (this.heard += chunk.toString('latin1')));
    socket.on('end', () => (this.hasEnded = true));
    socket.on('error', () => (this.hasEnded = true));
  }

  say(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** What was answered, as soon as there is something, without the times. */
  async answers(count = 1, withinMs = 2_000): Promise<string> {
    const deadline = Date.now() + withinMs;
    while (this.heard.split('HTTP/1.1 ').length - 1 < count && Date.now() < deadline)
      await sleep(5);
    return this.heard.replaceAll(/Date: .*/g, 'Date:');
  }

  async ended(): Promise<boolean> {
    const deadline = Date.now() + 2_000;
    while (!this.hasEnded && Date.now() < deadline) await sleep(1);
    return this.hasEnded;
  }
}

describe(RedirectFastPath.name, () => {
  let server: Server;
  /** The same server without the part that comes before Node's HTTP. */
  let nodeOnly: ReturnType<typeof createTcpServer>;
  let clients: RawClient[];
  let seen: string[];
  let pending: RedirectAnswer[];
  let lifecycle: { isStopping: boolean };

  beforeEach(async () => {
    clients = [];
    seen = [];
    pending = [];
    lifecycle = { isStopping: false };
    server = createServer((request, response) => framework(request, response));
    server.keepAliveTimeout = 72_000;
    const [listener] = server.listeners('connection') as ((socket: Socket) => void)[];
    nodeOnly = createTcpServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      listener!.call(server, socket);
      NodeConnection.attach(socket);
    });
    serve(server, (_code, { url, headers, socket }, answer) => {
      const kept = KEPT.map((name) => headers[name] ?? '-').join('|');
      seen.push(`fast ${url} ${kept} ${socket.remoteAddress}`);
      if (url.startsWith('/later')) pending.push(answer);
      else if (url === '/hot/huge')
        answer.redirect(302, `https://example.com/${'x'.repeat(64_000)}`);
      else if (url.startsWith('/hot'))
        setImmediate(() => answer.redirect(302, 'https://example.com/'));
      else answer.leave!();
    });
    await Promise.all(
      [server, nodeOnly].map((each) => once(each.listen(0, '127.0.0.1'), 'listening')),
    );
  });

  afterEach(async () => {
    for (const { socket } of clients) socket.destroy();
    nodeOnly.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  /** Has the fast path answer on the server, as the process does. */
  function serve(
    to: Server,
    follow: RedirectService['follow'],
    plainConnections: 'on' | 'off' = 'on',
  ): void {
    const host = { httpAdapter: { getHttpServer: () => to } } as never;
    const config = { publicUrl: 'http://s.example', plainConnections } as never;
    const connections = new HttpConnections(host, config, { admit: () => true } as never);
    new RedirectFastPath(
      host,
      connections,
      { follow } as never,
      lifecycle as never,
      config,
    ).onModuleInit();
    connections.onModuleInit();
  }

  function framework(request: IncomingMessage, response: ServerResponse): void {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      seen.push(`framework ${request.method} ${request.url} ${body}`);
      response.end(`${request.method} ${request.url}`);
    });
  }

  async function client(to: { address(): unknown } = server): Promise<RawClient> {
    const { port } = to.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    await once(socket, 'connect');
    const made = new RawClient(socket);
    clients.push(made);
    return made;
  }

  it('answers as Node would, byte for byte', async () => {
    const headers = ['User-Agent: Firefox', 'Referer: https://example.com/\xfc', 'Accept: */*'];
    const [ours, nodes] = await Promise.all([client(), client(nodeOnly)]);
    for (const each of [ours, nodes]) each.say(get('/hot?a=1', ...headers));
    const answer = await ours.answers();
    expect(answer).toMatch(/^HTTP\/1.1 302 Found\r\nlocation: https:\/\/example.com\/\r\n/);
    expect(await nodes.answers()).toBe(answer);
    expect(seen[0]).toBe('fast /hot?a=1 Firefox|https://example.com/\xfc|-|-|- 127.0.0.1');
    expect(seen[1]).toBe(seen[0]);
  });

  it('leaves the rest to Node and the framework, on the same connection', async () => {
    const ours = await client();
    ours.say(get('/hot'));
    await ours.answers(1);
    ours.say(get('/cold'));
    await ours.answers(2);
    ours.say('POST /hot HTTP/1.1\r\nHost: s.example\r\nContent-Length: 4\r\n\r\nbo');
    ours.say('dy');
    await ours.answers(3);
    ours.say(get('/hot'));
    expect((await ours.answers(4)).match(/HTTP\/1.1 \d+|(GET|POST) .*$/gm)).toEqual(
      ['302', '200', '200', '302'].map((status) => expect.stringContaining(status)),
    );
    expect(seen.map((line) => line.split(' ').slice(0, 3).join(' ').replace(/ -.*/, ''))).toEqual([
      'fast /hot',
      'fast /cold',
      // Node shows it to the fast path once more.
      'fast /cold',
      'framework GET /cold',
      'framework POST /hot',
      'fast /hot',
    ]);
  });

  it('answers in order what was sent without waiting', async () => {
    const ours = await client();
    ours.say(get('/later'));
    await sleep(20);
    ours.say(get('/hot'));
    await sleep(20);
    ours.say(get('/cold'));
    await sleep(20);
    expect(ours.heard).toBe('');
    pending[0]!.redirect(307, 'https://example.com/later');
    expect((await ours.answers(3)).match(/HTTP\/1.1 \d+/g)).toEqual([
      'HTTP/1.1 307',
      'HTTP/1.1 302',
      'HTTP/1.1 200',
    ]);
    const together = await client();
    together.say(get('/hot') + get('/cold') + get('/hot'));
    expect((await together.answers(3)).match(/HTTP\/1.1 \d+/g)).toEqual([
      'HTTP/1.1 302',
      'HTTP/1.1 200',
      'HTTP/1.1 302',
    ]);
  });

  it('leaves a request after a while, with those that have come meanwhile', async () => {
    const ours = await client();
    ours.say(get('/later'));
    await sleep(20);
    ours.say(get('/hot'));
    await sleep(20);
    pending[0]!.leave!();
    await sleep(20);
    pending[1]!.leave!();
    const answers = await ours.answers(2);
    expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 302']);
    expect(answers).toContain('GET /later');
  });

  it('still answers who has sent an end, then ends the connection', async () => {
    const ours = await client();
    ours.socket.end(get('/later'));
    await sleep(20);
    pending.pop()!.redirect(302, 'https://example.com/');
    expect(await ours.answers()).toContain('HTTP/1.1 302');
    expect(await ours.ended()).toBe(true);
    const silent = await client();
    silent.socket.end();
    expect(await silent.ended()).toBe(true);
    const left = await client();
    left.socket.end(get('/later'));
    await sleep(20);
    pending.pop()!.leave!();
    await sleep(20);
    pending.pop()!.leave!();
    expect(await left.answers()).toContain('GET /later');
    expect(await left.ended()).toBe(true);
    const posting = await client();
    posting.socket.end('POST /a HTTP/1.1\r\nHost: s.example\r\nContent-Length: 1\r\n\r\nb');
    expect(await posting.answers()).toContain('POST /a');
    expect(await posting.ended()).toBe(true);
  });

  it('survives clients that go before they are answered', async () => {
    for (const end of ['redirect', 'leave'] as const) {
      const ours = await client();
      ours.say(get('/later'));
      await sleep(20);
      ours.socket.resetAndDestroy();
      await sleep(20);
      if (end === 'leave') pending.pop()!.leave!();
      else pending.pop()!.redirect(302, 'https://example.com/');
    }
    const next = await client();
    next.say(get('/hot'));
    expect(await next.answers()).toContain('HTTP/1.1 302');
  });

  it('has Node slow down a client that does not read its answers', async () => {
    const ours = await client();
    ours.socket.pause();
    const requests = 400;
    for (let sent = 0; sent < requests; sent++) {
      ours.say(get('/hot/huge'));
      await sleep(1);
    }
    // The rest, of 25 MB, is not even begun.
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.length).toBeLessThan(requests * 0.8);
    ours.socket.resume();
    await ours.answers(requests, 15_000);
    expect(ours.heard.split('HTTP/1.1 302').length - 1).toBe(requests);
  });

  it('ends with the server: idle connections at once, the others when they are answered', async () => {
    const [used, busy] = await Promise.all([client(), client()]);
    used.say(get('/hot'));
    await used.answers();
    busy.say(get('/later'));
    await sleep(20);
    server.close();
    expect(await used.ended()).toBe(true);
    await sleep(20);
    expect(busy.hasEnded).toBe(false);
    pending[0]!.redirect(302, 'https://example.com/');
    expect(await busy.answers()).toContain('HTTP/1.1 302');
    server.closeIdleConnections();
    expect(await busy.ended()).toBe(true);
    server.listen(0, '127.0.0.1');
  });

  it('gives who has just connected the time to ask, also when it ends', async () => {
    const [asking, silent] = await Promise.all([client(), client()]);
    await sleep(20);
    server.close();
    server.closeIdleConnections();
    asking.say(get('/hot'));
    expect(await asking.answers()).toContain('HTTP/1.1 302');
    await sleep(1_000);
    expect(silent.hasEnded).toBe(false);
    server.closeIdleConnections();
    expect(await silent.ended()).toBe(true);
    server.listen(0, '127.0.0.1');
  });

  it('ends connections that have been silent for as long as it tells clients', async () => {
    const quick = createServer(() => undefined);
    quick.keepAliveTimeout = 100;
    serve(quick, (_code, _request, answer) => answer.redirect(302, 'https://example.com/'));
    await once(quick.listen(0, '127.0.0.1'), 'listening');
    const [silent, used] = await Promise.all([client(quick), client(quick)]);
    for (let asked = 1; asked <= 6; asked++) {
      used.say(get('/hot'));
      await used.answers(asked);
      await sleep(40);
    }
    expect([silent.hasEnded, used.hasEnded]).toEqual([true, false]);
    expect(await used.ended()).toBe(true);
    quick.close();
    await once(quick, 'close');
  });

  it('leaves everything to the framework while the process stops', async () => {
    lifecycle.isStopping = true;
    const ours = await client();
    ours.say(get('/hot'));
    expect(await ours.answers()).toContain('GET /hot');
    expect(seen).toEqual(['framework GET /hot ']);
  });

  it('answers the same without plain connections', async () => {
    const plain = await client();
    plain.say(get('/hot'));
    const answer = await plain.answers();
    const without = createServer((request, response) => framework(request, response));
    without.keepAliveTimeout = 72_000;
    serve(without, (_code, _request, { redirect }) => redirect(302, 'https://example.com/'), 'off');
    await once(without.listen(0, '127.0.0.1'), 'listening');
    const ours = await client(without);
    ours.say(get('/hot'));
    expect(await ours.answers()).toBe(answer);
    ours.socket.destroy();
    without.close();
    await once(without, 'close');
  });
});
