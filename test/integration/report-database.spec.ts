import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ReportDatabase } from '../../src/analytics/reports/report-database.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

describe(ReportDatabase.name, () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let reports: ReportDatabase;

  beforeAll(async () => {
    database = await createDatabase();
    pool = new pg.Pool({ connectionString: database.url, max: 1 });
    reports = new ReportDatabase(pool);
  });

  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const one = async (sql: string): Promise<unknown> =>
    reports.read(async (client) => (await client.query(sql)).rows[0]);

  it('reads one moment, however many statements it takes', async () => {
    const writer = new pg.Client({ connectionString: database.url });
    await writer.connect();
    await writer.query('CREATE TABLE counted (clicks integer)');
    const counts = await reports.read(async (client) => {
      const before = await client.query('SELECT count(*)::int AS n FROM counted');
      await writer.query('INSERT INTO counted VALUES (1)');
      const after = await client.query('SELECT count(*)::int AS n FROM counted');
      return [before.rows, after.rows];
    });
    await writer.end();
    expect(counts).toEqual([[{ n: 0 }], [{ n: 0 }]]);
    expect(await one('SELECT count(*)::int AS n FROM counted')).toEqual({ n: 1 });
  });

  it('writes nothing', async () => {
    await expect(one('CREATE TABLE more (clicks integer)')).rejects.toMatchObject({
      code: '25006',
    });
  });

  it('fails with a connection that breaks while it is in use, and goes on with another', async () => {
    const killer = new pg.Client({ connectionString: database.url });
    await killer.connect();
    const broken = reports.read(async (client) => {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await killer.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]!.pid]);
      return client.query('SELECT 1');
    });
    await expect(broken).rejects.toThrow();
    await killer.end();
    expect(await one('SELECT 1 AS n')).toEqual({ n: 1 });
  });
});
