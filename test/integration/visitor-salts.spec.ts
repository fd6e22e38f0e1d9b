import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { SaltCipher, saltKeyOf } from '../../src/analytics/ingestion/salt-cipher.js';
import { VisitorSaltsRepository } from '../../src/analytics/ingestion/visitor-salts.repository.js';
import { uuidv7 } from '../../src/common/uuid.js';
import { BROWSER } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestIngestion } from '../support/ingestion.js';

const DAY = '2026-11-23';
const NEXT = '2026-11-24';
const NOON = Date.UTC(2026, 10, 23, 12);
const ADDRESS = '203.0.113.9';
const SECRET = 'the secret of this service';
const LATER = 'what it was changed to';

describe('Salts of visitors', () => {
  let database: TestDatabase;
  let clients: pg.Client[];
  let replaced: string[];

  beforeEach(async () => {
    database = await createDatabase();
    [clients, replaced] = [[], []];
  });
  afterEach(async () => {
    for (const client of clients) await client.end();
    await database.drop();
  });

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    clients.push(client);
    return client;
  }
  /** As another process has them. */
  const saltsWith = async (
    secret: string,
    ...previous: string[]
  ): Promise<VisitorSaltsRepository> =>
    new VisitorSaltsRepository(
      await connect(),
      new SaltCipher(saltKeyOf(secret)),
      (day) => replaced.push(day),
      previous.map((one) => new SaltCipher(saltKeyOf(one))),
    );
  async function ingestWith(secret: string, client?: pg.Client): Promise<void> {
    const connection = client ?? (await connect());
    const { ingester } = new TestIngestion(connection, undefined, undefined, secret);
    const record = {
      clickedAt: NOON,
      linkId: uuidv7(),
      address: ADDRESS,
      userAgent: BROWSER,
      referrer: '',
      language: '',
      query: '',
      isPrefetch: false,
    };
    const segment = {
      id: uuidv7(),
      path: '',
      bytes: 0,
      records: [record],
      marked: [],
      corruptLines: [],
    };
    expect(await ingester.ingest([segment])).toBe(1);
  }
  const visitors = async (client: pg.Client): Promise<string[]> =>
    (
      await client.query<{ hash: string }>(
        `SELECT DISTINCT encode(visitor, 'hex') AS hash FROM clicks`,
      )
    ).rows.map(({ hash }) => hash);

  /** All bytes that a dump of the database has of any table, as bytea values. */
  async function bytesInDump(client: pg.Client): Promise<Buffer[]> {
    const { rows: columns } = await client.query<{ table: string; column: string }>(
      `SELECT table_name AS table, column_name AS column FROM information_schema.columns
       WHERE table_schema = 'public' AND data_type = 'bytea'`,
    );
    const found: Buffer[] = [];
    for (const { table, column } of columns) {
      const { rows } = await client.query<{ value: Buffer }>(
        `SELECT ${column} AS value FROM ${table} WHERE ${column} IS NOT NULL`,
      );
      found.push(...rows.map(({ value }) => value));
    }
    return found;
  }

  it('are in no dump of the database that has the hashes: an address that is guessed is not confirmed', async () => {
    const client = await connect();
    await ingestWith(SECRET, client);
    const [hash] = await visitors(client);
    const hashWith = (salt: Buffer): string =>
      createHmac('sha256', salt).update(`${ADDRESS}\0${BROWSER}`).digest('hex').slice(0, 32);
    // Every stretch of bytes that there is might be the salt.
    for (const bytes of await bytesInDump(client)) {
      for (let at = 0; at + 32 <= bytes.length; at += 1) {
        expect(hashWith(bytes.subarray(at, at + 32))).not.toBe(hash);
      }
    }
    const salts = await (await saltsWith(SECRET)).of([DAY]);
    expect(hashWith(salts.get(DAY)!)).toBe(hash);
  });

  it('are the same in all processes, whichever comes first', async () => {
    const processes = await Promise.all(Array.from({ length: 5 }, () => saltsWith(SECRET)));
    const [first, ...others] = await Promise.all(
      processes.map((salts, n) => salts.of(n % 2 === 0 ? [DAY, NEXT] : [NEXT, DAY])),
    );
    for (const other of others) {
      for (const day of [DAY, NEXT]) expect(other.get(day)).toEqual(first!.get(day));
    }
    expect(first!.get(DAY)).not.toEqual(first!.get(NEXT));
    expect(replaced).toEqual([]);
  });

  it('are made anew when the secret changes, which holds up no click and is told once', async () => {
    const client = await connect();
    await ingestWith(SECRET, client);
    for (let round = 0; round < 3; round += 1) await ingestWith(LATER);
    expect(await visitors(client)).toHaveLength(2);
    // Processes that still have the old one, as in a rolling update, keep to theirs.
    await ingestWith(SECRET);
    expect(await visitors(client)).toHaveLength(2);

    const before = await (await saltsWith(SECRET)).of([NEXT]);
    const [one, two] = [await saltsWith(LATER), await saltsWith(LATER)];
    const [a, b] = await Promise.all([one.of([NEXT]), two.of([NEXT])]);
    expect(a.get(NEXT)).toEqual(b.get(NEXT));
    expect(a.get(NEXT)).not.toEqual(before.get(NEXT));
    expect(replaced).toEqual([NEXT]);
  });

  it('stay the same through changes of the secret, as long as the previous ones are known', async () => {
    const before = (await (await saltsWith('the very first')).of([DAY])).get(DAY);
    const rotated = await Promise.all([
      saltsWith(LATER, SECRET, 'the very first'),
      saltsWith(LATER, SECRET, 'the very first'),
    ]);
    for (const salts of await Promise.all(rotated.map((one) => one.of([DAY, NEXT])))) {
      expect(salts.get(DAY)).toEqual(before);
    }
    // From now on the new secret is enough.
    const salts = await (await saltsWith(LATER)).of([DAY, NEXT]);
    expect(salts.get(DAY)).toEqual(before);
    expect(salts.get(NEXT)).not.toEqual(before);
    expect(replaced).toEqual([]);
  });

  it('are made anew when they are damaged, which holds up no click', async () => {
    const client = await connect();
    const before = await (await saltsWith(SECRET)).of([DAY]);
    await client.query(`UPDATE visitor_salts SET sealed = 'no salt'`);
    await ingestWith(SECRET, client);
    const after = await (await saltsWith(SECRET)).of([DAY]);
    expect(after.get(DAY)).toHaveLength(32);
    expect(after.get(DAY)).not.toEqual(before.get(DAY));
  });
});
