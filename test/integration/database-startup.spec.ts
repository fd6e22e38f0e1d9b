import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createDatabase, runMigrationsOn, type TestDatabase } from '../support/database.js';
import { startServer, type TestServer } from '../support/server.js';

const ready = (server: TestServer) => fetch(`${server.url}/health/ready`);

async function untilReady(server: TestServer): Promise<void> {
  while (!(await ready(server)).ok) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe('starting with a database', () => {
  const servers: TestServer[] = [];
  const databases: TestDatabase[] = [];

  afterAll(async () => {
    for (const server of servers) await server.remove();
    for (const database of databases) await database.drop();
  });

  async function start(...args: Parameters<typeof startServer>): Promise<TestServer> {
    const server = await startServer(...args);
    servers.push(server);
    return server;
  }

  it('is not ready, and says why, until somebody has migrated', async () => {
    const database = await createDatabase('empty');
    databases.push(database);
    const server = await start({
      databaseUrl: database.url,
      env: { MIGRATE_ON_START: 'false' },
      until: 'live',
    });
    while (!server.log.includes('are pending')) await new Promise((done) => setTimeout(done, 50));
    const answer = await ready(server);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('CreateLinks1764000003000');
    await runMigrationsOn(database.url);
    await untilReady(server);
  }, 20_000);

  it.each(['LATIN1', 'SQL_ASCII', 'EUC_JP'])(
    'refuses one whose encoding is %s, in one message, and so does migrate',
    async (encoding) => {
      const database = await createDatabase('empty', encoding);
      databases.push(database);
      const reason = `The encoding of the database is ${encoding}, and must be UTF8`;
      await expect(start({ databaseUrl: database.url, until: 'live' })).rejects.toThrow(
        new RegExp(`server ended instead of starting:(?!.*${reason}.*${reason}).*${reason}`, 's'),
      );
      await expect(runMigrationsOn(database.url)).rejects.toThrow(reason);
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      const { rows } = await client.query(`SELECT FROM pg_tables WHERE schemaname = 'public'`);
      await client.end();
      expect(rows).toEqual([]);
    },
    30_000,
  );

  it('keeps what the embedded one has committed through SIGKILL, and refuses to share it', async () => {
    const server = await start({ databaseUrl: 'embedded' });
    const second = startServer({ databaseUrl: 'embedded', dataDir: server.dataDir });
    await expect(second).rejects.toThrow(/another process is running on DATA_DIR/);
    for (let round = 1; round <= 2; round += 1) {
      const client = new pg.Client({
        host: join(server.dataDir, 'run'),
        port: 5432,
        user: 'postgres',
      });
      client.on('error', () => undefined);
      await client.connect();
      await client.query('CREATE TABLE IF NOT EXISTS kept (round int)');
      expect((await client.query('SELECT * FROM kept')).rowCount).toBe(round - 1);
      await client.query('INSERT INTO kept VALUES ($1)', [round]);
      await server.kill();
      await server.start();
    }
    expect(await server.stop()).toBe(0);
  }, 60_000);
});
