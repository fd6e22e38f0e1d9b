import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { cString, frame, framesOf, int32, textAt } from './frames.js';
import { WireServer, type Backend } from './wire-server.js';

const int16 = (value: number) => int32(value).subarray(2);

/** Knows transactions and no SQL: answers every statement with its text, and remembers the order. */
class FakeBackend implements Backend {
  readonly ran: string[] = [];
  status = 'I';
  private sql = '';

  execProtocolRawSync(message: Uint8Array): Uint8Array {
    const bytes = Buffer.from(message);
    if (bytes[0] === 0) return frame('S', 'server_version', '18.6');
    return Buffer.concat([...framesOf(bytes)].flatMap((part) => this.answer(part)));
  }

  private answer(part: Buffer): Buffer[] {
    const ready = () => frame('Z', Buffer.from(this.status));
    switch (String.fromCharCode(part[0]!)) {
      case 'Q':
        return [...this.execute(textAt(part, 5).text), ready()];
      case 'P':
        this.sql = textAt(part, textAt(part, 5).end).text;
        return [frame('1')];
      case 'B':
        return [frame('2')];
      case 'D':
        return [frame('n')];
      case 'E':
        return this.execute(this.sql);
      default:
        return [ready()];
    }
  }

  private execute(sql: string): Buffer[] {
    this.ran.push(sql);
    if (sql === 'break') throw new Error('wasm trap');
    if (sql === 'BEGIN') this.status = 'T';
    if (sql === 'COMMIT' || sql === 'ROLLBACK') this.status = 'I';
    const tag = frame('C', sql.split(' ')[0]!.toUpperCase());
    const column = Buffer.concat([
      cString('sql'),
      int32(0),
      int16(0),
      int32(25),
      int16(-1 & 0xff),
      int32(-1),
      int16(0),
    ]);
    const row = Buffer.concat([int16(1), int32(Buffer.byteLength(sql)), Buffer.from(sql)]);
    if (sql.startsWith('NOTIFY')) {
      return [tag, frame('A', int32(1), sql.split(' ')[1]!, 'payload')];
    }
    return [frame('T', int16(1), column), frame('D', row), tag];
  }
}

const endOf = (client: pg.Client) => new Promise((resolve) => client.once('end', resolve));

describe(WireServer.name, () => {
  let directory: string;
  let backend: FakeBackend;
  let server: Server;
  let wire: WireServer;
  let clients: pg.Client[];
  let broken: unknown[];

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'wire-server-'));
    clients = [];
    await serve({});
  });

  afterEach(async () => {
    wire.close();
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
    server.close();
    rmSync(directory, { recursive: true });
  });

  async function serve(options: { password?: string; idleInTransactionMs?: number }) {
    wire?.close();
    server?.close();
    backend = new FakeBackend();
    broken = [];
    wire = new WireServer(backend, { ...options, onBroken: (error) => broken.push(error) });
    server = createServer((socket) => wire.accept(socket));
    server.listen(join(directory, '.s.PGSQL.5432'));
    await once(server, 'listening');
  }

  async function connect(password?: string): Promise<pg.Client> {
    const client = new pg.Client({ host: directory, port: 5432, user: 'postgres', password });
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  }

  it('runs the batch of one client as a whole', async () => {
    const [a, b] = [await connect(), await connect()];
    const ask = async (client: pg.Client, name: string) => {
      for (const sql of [`${name} 1`, `${name} 2`, `${name} 3`]) {
        expect((await client.query(sql, [])).rows).toEqual([{ sql }]);
      }
    };
    await Promise.all([ask(a, 'a'), ask(b, 'b')]);
  });

  it('lets the others wait while a client is in a transaction', async () => {
    const [a, b] = [await connect(), await connect()];
    await a.query('BEGIN');
    const waiting = b.query('b');
    await a.query('a1');
    await a.query('a2', []);
    await a.query('COMMIT');
    await waiting;
    expect(backend.ran).toEqual(['BEGIN', 'a1', 'a2', 'COMMIT', 'b']);
  });

  it('rolls back the transaction of a client that leaves', async () => {
    const [a, b] = [await connect(), await connect()];
    await a.query('BEGIN');
    const waiting = b.query('b');
    await a.end();
    await waiting;
    expect(backend.ran).toEqual(['BEGIN', 'ROLLBACK', 'b']);
  });

  it('ends a transaction that is idle for too long', async () => {
    await serve({ idleInTransactionMs: 50 });
    const [a, b] = [await connect(), await connect()];
    const ended = endOf(a);
    await a.query('BEGIN');
    await b.query('b');
    expect(backend.ran).toEqual(['BEGIN', 'ROLLBACK', 'b']);
    await ended;
  });

  it('delivers a notification to whoever listens to its channel, in any spelling', async () => {
    const [a, b, c] = [await connect(), await connect(), await connect()];
    const heard: string[] = [];
    a.on('notification', ({ channel }) => heard.push(`a ${channel}`));
    b.on('notification', ({ channel }) => heard.push(`b ${channel}`));
    await a.query('LISTEN News');
    await b.query('listen "news"');
    await c.query('NOTIFY news');
    await b.query('UNLISTEN news');
    await c.query('NOTIFY news');
    await a.query('wait');
    expect(heard).toEqual(['a news', 'b news', 'a news']);
    expect(backend.ran).toContain('LISTEN "news"');
  });

  it('undoes SET once the client is done', async () => {
    const client = await connect();
    await client.query('SET x = 1');
    await client.query('BEGIN');
    await client.query('SET LOCAL x = 2');
    await client.query('COMMIT');
    expect(backend.ran).toEqual([
      'SET x = 1',
      'RESET ALL',
      'BEGIN',
      'SET LOCAL x = 2',
      'COMMIT',
      'RESET ALL',
    ]);
  });

  it('refuses COPY FROM STDIN, for which it would wait forever', async () => {
    const client = await connect();
    await client.query('COPY links FROM STDIN');
    expect(backend.ran[0]).toContain('COPY FROM STDIN is not supported');
  });

  it('tells the clients and its owner when the database breaks', async () => {
    const [a, b] = [await connect(), await connect()];
    const bEnds = endOf(b);
    await expect(a.query('break')).rejects.toMatchObject({ code: '57P02' });
    await bEnds;
    expect(broken).toEqual([new Error('wasm trap')]);
  });

  it('asks for the password if there is one', async () => {
    await serve({ password: 'secret' });
    await expect(connect('wrong')).rejects.toMatchObject({ code: '28P01' });
    expect((await (await connect('secret')).query('hello')).rows).toEqual([{ sql: 'hello' }]);
  });

  it('answers nonsense with an error and goes on', async () => {
    const client = await connect();
    const { stream } = (client as unknown as { connection: { stream: NodeJS.WritableStream } })
      .connection;
    const ended = endOf(client);
    stream.write(frame('?'));
    await ended;
    expect((await (await connect()).query('hello')).rows).toEqual([{ sql: 'hello' }]);
  });
});
