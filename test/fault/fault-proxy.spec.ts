import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FaultProxy } from '../support/fault-proxy.js';

/** Long enough for anything on the loopback that comes at all. */
const QUIET_MS = 300;

describe(FaultProxy.name, () => {
  let echo: Server;
  let proxy: FaultProxy;
  let sessions: Socket[];
  const clients: Socket[] = [];

  beforeEach(async () => {
    sessions = [];
    echo = createServer((socket) => {
      sessions.push(socket);
      socket.on('error', () => undefined);
      socket.pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const { port } = echo.address() as AddressInfo;
    proxy = await FaultProxy.to(`postgres://user:secret@127.0.0.1:${port}/db?sslmode=disable`);
  });
  afterEach(async () => {
    for (const socket of [...clients.splice(0), ...sessions]) socket.destroy();
    await proxy.close();
    echo.close();
  });

  async function dial(): Promise<Socket> {
    const socket = connect(Number(new URL(proxy.url).port), '127.0.0.1');
    clients.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  async function say(socket: Socket, text: string): Promise<string> {
    socket.write(text);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString();
  }

  /** "closed", or "silent" if nothing at all happens. */
  const fateOf = (socket: Socket): Promise<string> =>
    Promise.race([
      once(socket, 'data').then(() => 'answered'),
      once(socket, 'close').then(() => 'closed'),
      sleep(QUIET_MS).then(() => 'silent'),
    ]);

  it('is the same database at another place', async () => {
    expect(proxy.url).toMatch(/^postgres:\/\/user:secret@127\.0\.0\.1:\d+\/db\?sslmode=disable$/);
    expect(await say(await dial(), 'hello')).toBe('hello');
  });

  it('passes on that a connection was closed, both ways', async () => {
    const first = await dial();
    await say(first, 'hello');
    const gone = once(sessions[0]!, 'close');
    first.destroy();
    await gone;
    const second = await dial();
    await say(second, 'hello');
    sessions[1]!.destroy();
    expect(await fateOf(second)).toBe('closed');
  });

  it('refuses: closes what is open, and nobody listens', async () => {
    const open = await dial();
    await say(open, 'hello');
    const fate = fateOf(open);
    await proxy.set('refuse');
    expect(await fate).toBe('closed');
    await expect(dial()).rejects.toThrow('ECONNREFUSED');
    await proxy.set('pass');
    expect(await say(await dial(), 'again')).toBe('again');
  });

  it('resets: also those who come later', async () => {
    const open = await dial();
    await say(open, 'hello');
    const error = once(open, 'error').catch((reason: unknown) => [reason]);
    await proxy.set('reset');
    expect((await error)[0]).toMatchObject({ code: 'ECONNRESET' });
    await expect(dial().then((late) => say(late, 'hello'))).rejects.toThrow(/ECONNRESET|EPIPE/);
    await proxy.set('pass');
    expect(await say(await dial(), 'again')).toBe('again');
  });

  it('swallows: what is open and what comes later is silent, and stays so', async () => {
    const open = await dial();
    await say(open, 'hello');
    await proxy.set('blackhole');
    const late = await dial();
    const fates = [fateOf(open), fateOf(late)];
    open.write('lost');
    late.write('lost');
    expect(await Promise.all(fates)).toEqual(['silent', 'silent']);
    await proxy.set('pass');
    const after = [fateOf(open), fateOf(late)];
    open.write('late');
    late.write('late');
    expect(await Promise.all(after)).toEqual(['silent', 'silent']);
    expect(await say(await dial(), 'again')).toBe('again');
    // The server never learns that its client gave up.
    open.destroy();
    const server = sessions[0]!;
    expect(await fateOf(server)).toBe('silent');
  });

  it('delays: everything comes late, and in its order', async () => {
    const socket = await dial();
    await say(socket, 'hello');
    await proxy.set({ delayMs: 50 });
    const askedAt = performance.now();
    socket.write('one ');
    let heard = '';
    const all = new Promise<void>((done) => {
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.toString();
        if (heard.length === 7) done();
      });
    });
    await sleep(10);
    await proxy.set('pass');
    socket.write('two');
    await all;
    expect(heard).toBe('one two');
    // 50 ms on the way there; timers may be early by one.
    expect(performance.now() - askedAt).toBeGreaterThan(48);
  });
});
