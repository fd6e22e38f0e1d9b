import { createServer, IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { duplexPair, type Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { HttpConnections } from '../../src/platform/http/http-connections.js';
import { NodeConnection } from '../../src/platform/http/node-connection.js';
import { RedirectFastPath } from '../../src/redirect/fast-path/fast-path.js';
import type { RedirectService } from '../../src/redirect/redirect.service.js';
import { randomNumbers } from '../support/random-numbers.js';

const REQUESTS = 100_000;
const AT_ONCE = 500;
/** Turns of the event loop after which nothing happens any more: no request waits for anything else. */
const TURNS = 12;

const KEPT = [
  'user-agent',
  'referer',
  'accept-language',
  'x-forwarded-for',
  'purpose',
  'sec-purpose',
  'x-purpose',
  'x-moz',
];
/** What differs from one answer to the next. */
const CHANGING = /Date: .*|(?<=x-request-id: |"requestId":")[-0-9a-f]{36}/g;

const NASTY = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  ',',
  '\x80',
  'Host: x\r\n',
  '\r\n\r\n',
  'GET /hot',
  'GET /hot HTTP/1.1\r\nHost: a\r\n\r\n',
  '/hot%E2%80%8B.',
  '/hot/)',
  '0\r\n\r\n',
];
const LINES = [
  'Content-Length: 3',
  'Content-Length: 0',
  'content-length : 3',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding:\tidentity',
  'Connection: close',
  'Connection: Keep-Alive',
  'Keep-Alive: timeout=1',
  'Host: other.example',
  'Host:',
  'User-Agent: second',
  'Referer:',
  'X-Forwarded-For: 203.0.113.9',
  'Expect: 100-continue',
  ' folded',
  'Upgrade: h2c',
  'Trailer: Host',
  'No colon',
];
const random = randomNumbers(7);
const below = (count: number): number => Math.floor(random() * count);
const oneOf = <T>(all: T[]): T => all[below(all.length)]!;

/** A request of a browser that was tampered with in one to three places. */
function mutated(): string {
  let text =
    'GET /hot?a=1 HTTP/1.1\r\nHost: s.example\r\nUser-Agent: Firefox\r\nAccept: */*\r\n' +
    'Referer: https://a.example/\r\nConnection: keep-alive\r\n\r\n';
  for (let times = below(3); times >= 0; times -= 1) text = mutate(text);
  return text;
}

function mutate(text: string): string {
  const at = below(text.length);
  const kind = below(7);
  if (kind === 0) return text.slice(0, at) + String.fromCharCode(below(256)) + text.slice(at + 1);
  if (kind === 1) return text.slice(0, at) + text.slice(at + 1 + below(4));
  if (kind === 2) return text.slice(0, at) + oneOf(NASTY) + text.slice(at);
  if (kind === 3 || kind === 4)
    return text.slice(0, at) + String.fromCharCode(33 + below(94)) + text.slice(at + below(2));
  const lines = text.split('\r\n');
  const line = 1 + below(lines.length - 1);
  if (kind === 5) lines.splice(line, 0, oneOf(LINES));
  else lines.splice(line, 1, oneOf(LINES), ...lines.slice(line, line + 1));
  return lines.join('\r\n');
}

class InMemoryConnection {
  heard = '';
  readonly socket: Duplex;
  private readonly client: Duplex;

  constructor() {
    [this.client, this.socket] = duplexPair();
    this.client.on('data', (bytes: Buffer) => (this.heard += bytes.toString('latin1')));
    const { socket } = this;
    // By its address the server tells which one it is.
    Object.assign(socket, { remoteAddress: this, destroySoon: () => socket.end() });
  }

  say(text: string): void {
    if (text !== '' && !this.client.destroyed) this.client.write(text, 'latin1');
  }

  close(): void {
    this.client.destroy();
    this.socket.destroy();
  }
}

/** A server whose connections are in memory; what is understood on each is written down. */
class InMemoryServer {
  /** Requests that Node's HTTP has not seen. */
  readByUs = 0;
  private readonly server: Server;
  private readonly understood = new WeakMap<object, Set<string>>();
  private readonly connect: (socket: Duplex) => void;

  constructor(hasPlainConnections: boolean) {
    this.server = createServer((request, response) => this.framework(request, response));
    this.server.keepAliveTimeout = 72_000;
    const host = { httpAdapter: { getHttpServer: () => this.server } } as never;
    const config = { publicUrl: 'http://s.example', plainConnections: 'on' } as never;
    const [toNode] = this.server.listeners('connection') as ((socket: Duplex) => void)[];
    const connections = new HttpConnections(host, config, { admit: () => true } as never);
    const redirects = { follow: this.follow };
    const lifecycle = { isStopping: false };
    new RedirectFastPath(
      host,
      connections,
      redirects as never,
      lifecycle as never,
      config,
    ).onModuleInit();
    connections.onModuleInit();
    this.connect = (socket) => {
      if (hasPlainConnections) this.server.emit('connection', socket);
      else {
        toNode!.call(this.server, socket);
        NodeConnection.attach(socket as never);
      }
    };
  }

  /** What is understood of each request, on a connection of its own, and what is answered. */
  async ask(requests: string[][]): Promise<string[]> {
    const connections = requests.map(([first, rest = '']) => {
      const connection = new InMemoryConnection();
      this.understood.set(connection, new Set());
      this.connect(connection.socket);
      connection.say(first!);
      return { connection, rest };
    });
    await turn();
    for (const { connection, rest } of connections) connection.say(rest);
    for (let turns = 0; turns < TURNS; turns += 1) await turn();
    return connections.map(({ connection }) => {
      connection.close();
      const understood = [...this.understood.get(connection)!];
      return [...understood, connection.heard.replaceAll(CHANGING, '')].join('\n');
    });
  }

  close(): void {
    this.server.emit('close');
  }

  /** What the fast path leaves to Node it is shown again, which is the same. */
  private readonly follow: RedirectService['follow'] = (code, request, answer) => {
    if (!(request instanceof IncomingMessage)) this.readByUs += 1;
    const { url, headers, socket } = request;
    const kept = KEPT.map((name) => headers[name] ?? '-').join('|');
    this.note(socket, `fast path ${url} ${kept}`);
    if (code === 'hot') setImmediate(() => answer.redirect(302, 'https://example.com/'));
    else answer.leave!();
  };

  private framework(request: IncomingMessage, response: ServerResponse): void {
    const { method, url, socket } = request;
    let body = '';
    request.setEncoding('latin1').on('data', (part: string) => (body += part));
    request.on('end', () => {
      this.note(socket, `framework ${method} ${url} ${body}`);
      response.end(`${method} ${url}`);
    });
  }

  private note({ remoteAddress }: { remoteAddress?: unknown }, what: string): void {
    this.understood.get(remoteAddress as object)!.add(what);
  }
}

it(`never reads one of ${REQUESTS} mutilated requests in another way than Node`, async () => {
  const [plain, node] = [new InMemoryServer(true), new InMemoryServer(false)];
  for (let done = 0; done < REQUESTS; done += AT_ONCE) {
    const requests = Array.from({ length: AT_ONCE }, () => {
      const text = mutated();
      const at = below(8) === 0 ? below(text.length) : text.length;
      return at === text.length ? [text] : [text.slice(0, at), text.slice(at)];
    });
    const ours = await plain.ask(requests);
    const nodes = await node.ask(requests);
    // None is told as the place -1, of which both sides have nothing.
    const different = requests.findIndex((_, index) => ours[index] !== nodes[index]);
    const request = requests[different];
    expect({ request, understood: ours[different] }).toEqual({
      request,
      understood: nodes[different],
    });
  }
  // Else nothing was compared.
  expect([plain.readByUs > REQUESTS / 10, node.readByUs]).toEqual([true, 0]);
  process.stderr.write(`  ${plain.readByUs} of ${REQUESTS} were read without Node\n`);
  plain.close();
  node.close();
}, 300_000);
