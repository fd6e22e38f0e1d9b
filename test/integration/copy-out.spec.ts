import { randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { CopyOut } from '../../src/database/copy-out.js';
import { messageSocket } from '../../src/database/whole-messages.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const SOCKETS = [
  { kind: 'an ordinary socket', stream: () => new Socket() },
  { kind: 'a socket of whole messages', stream: messageSocket },
];

describe.each(SOCKETS)('CopyOut with $kind', ({ stream }) => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await createDatabase();
    client = new pg.Client({ connectionString: database.url, query_timeout: 5_000, stream });
    await client.connect();
  });

  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  /** The rows, copied, because their bytes are gone afterwards. */
  async function read(query: string): Promise<(Buffer | null)[][]> {
    const rows: (Buffer | null)[][] = [];
    await copy(query, (row) => rows.push(row.map((bytes) => bytes && Buffer.from(bytes))));
    return rows;
  }

  const copy = (query: string, onRow: (row: (Buffer | null)[]) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const request = new CopyOut(query, onRow);
      request.callback = (error) => (error ? reject(error) : resolve());
      client.query(request);
    });

  it('reads values of all types in their bytes', async () => {
    const [row] = await read(`SELECT 7::integer, 'ü'::text, NULL::text, true, 2.5::float8`);
    expect(row).toEqual([
      Buffer.from([0, 0, 0, 7]),
      Buffer.from('ü'),
      null,
      Buffer.from([1]),
      Buffer.from([0x40, 0x04, 0, 0, 0, 0, 0, 0]),
    ]);
  });

  it('reads no row', async () => {
    expect(await read('SELECT 1 WHERE false')).toEqual([]);
  });

  it('reads rows that are larger than what comes at once', async () => {
    const bytes = randomBytes(300_000);
    await client.query('CREATE TEMPORARY TABLE large (place integer, bytes bytea)');
    await client.query('INSERT INTO large SELECT place, $1 FROM generate_series(1, 20) AS place', [
      bytes,
    ]);
    const rows = await read('SELECT place, bytes FROM large ORDER BY place');
    expect(rows.map(([place]) => place!.readInt32BE())).toEqual(
      Array.from({ length: 20 }, (_, n) => n + 1),
    );
    expect(rows.every(([, each]) => each!.equals(bytes))).toBe(true);
  });

  it('says what is wrong with the query, and leaves the connection usable', async () => {
    await expect(read('SELECT nothing')).rejects.toMatchObject({ code: '42703' });
    expect(await read('SELECT 1::smallint')).toEqual([[Buffer.from([0, 1])]]);
  });

  it('fails when a row cannot be taken, and leaves the connection usable', async () => {
    const taken: number[] = [];
    await expect(
      copy('SELECT generate_series(1, 3)', (row) => {
        taken.push(row[0]!.readInt32BE());
        throw new Error('too many');
      }),
    ).rejects.toThrow('too many');
    expect(taken).toEqual([1]);
    expect(await read('SELECT 1::smallint')).toEqual([[Buffer.from([0, 1])]]);
  });
});
