import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { EmbeddedDatabase } from '../../src/platform/database/embedded/embedded-database.js';
import { compiled } from '../support/environment.js';

const worker = pathToFileURL(compiled('src/platform/database/embedded/embedded.worker.js'));

describe(EmbeddedDatabase.name, () => {
  const directory = mkdtempSync(join(tmpdir(), 'signpost-embedded-'));
  let database: EmbeddedDatabase;
  let clients: pg.Client[] = [];

  beforeAll(async () => {
    database = await EmbeddedDatabase.open(directory, { worker });
    const client = await connect();
    await client.query('CREATE TABLE notes (id int PRIMARY KEY, text text)');
  }, 30_000);

  afterEach(async () => {
    await Promise.all(clients.map((client) => client.end()));
    clients = [];
  });

  afterAll(async () => {
    await database.stop();
    rmSync(directory, { recursive: true });
  });

  async function connect(): Promise<pg.Client> {
    for (;;) {
      const client = new pg.Client(database.endpoint);
      client.on('error', () => undefined);
      try {
        await client.connect();
        clients.push(client);
        return client;
      } catch {
        await sleep(50);
      }
    }
  }

  const count = async (client: pg.Client, where = 'true'): Promise<number> => {
    const sql = `SELECT count(*)::int AS n FROM notes WHERE ${where}`;
    return (await client.query<{ n: number }>(sql)).rows[0]!.n;
  };

  it('gives eight clients that work at once each its own answers', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, connect));
    await Promise.all(
      all.map(async (client, number) => {
        for (let i = 0; i < 50; i += 1) {
          const text = `client ${number}, note ${i}`;
          const { rows } = await client.query('INSERT INTO notes VALUES ($1, $2) RETURNING text', [
            1_000 + number * 100 + i,
            text,
          ]);
          expect(rows).toEqual([{ text }]);
        }
      }),
    );
    expect(await count(all[0]!, 'id BETWEEN 1000 AND 1999')).toBe(400);
  });

  it('keeps transactions apart, and rolls back what is not committed', async () => {
    const [a, b] = [await connect(), await connect()];
    await a.query('BEGIN');
    await a.query(`INSERT INTO notes VALUES (1, 'never')`);
    const seenByB = count(b, 'id = 1');
    await a.query('ROLLBACK');
    expect(await seenByB).toBe(0);
  });

  it('goes on after errors, in and out of transactions', async () => {
    const [a, b] = [await connect(), await connect()];
    await expect(a.query('SELECT $1::int', ['x'])).rejects.toMatchObject({ code: '22P02' });
    await a.query('BEGIN');
    await expect(a.query('SELECT nothing')).rejects.toMatchObject({ code: '42703' });
    await expect(a.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
    await a.query('ROLLBACK');
    await expect(a.query('COPY notes FROM STDIN')).rejects.toMatchObject({ code: '0A000' });
    expect((await b.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('lets two clients give different statements the same name', async () => {
    const [a, b] = [await connect(), await connect()];
    const run = (client: pg.Client, text: string) => client.query({ name: 'same', text });
    expect((await run(a, 'SELECT 1 AS v')).rows).toEqual([{ v: 1 }]);
    expect((await run(b, 'SELECT 2 AS v')).rows).toEqual([{ v: 2 }]);
    expect((await run(a, 'SELECT 1 AS v')).rows).toEqual([{ v: 1 }]);
  });

  it('does not let the SET of one client reach another', async () => {
    const [a, b] = [await connect(), await connect()];
    await a.query(`SET TIME ZONE 'Asia/Tokyo'`);
    expect((await b.query('SHOW timezone')).rows).toEqual([{ TimeZone: 'UTC' }]);
  });

  it('notifies listeners of what another client has committed', async () => {
    const [listener, other] = [await connect(), await connect()];
    await listener.query('LISTEN link_changed');
    const heard = new Promise((resolve) => listener.once('notification', resolve));
    await other.query('BEGIN');
    await other.query('SELECT pg_notify($1, $2)', ['link_changed', 'Kx7mQ2p']);
    await other.query('COMMIT');
    expect(await heard).toMatchObject({ channel: 'link_changed', payload: 'Kx7mQ2p' });
  });

  it('lets only its own user in', () => {
    const { host, port } = database.endpoint;
    expect(statSync(join(host, `.s.PGSQL.${port}`)).mode & 0o777).toBe(0o600);
  });

  it('says so when the data directory is in use', async () => {
    await expect(EmbeddedDatabase.open(directory, { worker })).rejects.toThrow(/another process/);
  });

  it('ends its connections when it stops, and finds its data at the next start', async () => {
    const client = await connect();
    await client.query(`INSERT INTO notes VALUES (2, 'kept')`);
    const ended = new Promise((resolve) => client.once('end', resolve));
    await database.stop();
    await ended;
    clients = [];
    database = await EmbeddedDatabase.open(directory, { worker });
    expect(await count(await connect(), 'id = 2')).toBe(1);
  });
});
