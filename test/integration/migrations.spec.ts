import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { connectionTarget, dataSourceOptions } from '../../src/database/connection.js';
import { loadEntities, loadMigrations } from '../../src/database/load-classes.js';
import { pendingMigrations, revertMigration, runMigrations } from '../../src/database/migrate.js';
import { createDatabase, runMigrationsOn, type TestDatabase } from '../support/database.js';

describe('migrations', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let names: string[];

  async function open(kind: 'migrated' | 'empty'): Promise<void> {
    database = await createDatabase(kind);
    const settings = { url: database.url, connectionTimeoutMs: 5_000, statementTimeoutMs: 10_000 };
    const migrations = await loadMigrations();
    names = migrations.map(({ name }) => name);
    dataSource = new DataSource(
      dataSourceOptions(connectionTarget(settings), {
        poolSize: 2,
        entities: await loadEntities(),
        migrations,
      }),
    );
    await dataSource.initialize();
  }

  const tables = async (): Promise<string[]> =>
    (
      await dataSource.query<{ name: string }[]>(
        `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
      )
    ).map(({ name }) => name);

  afterEach(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  describe('on an empty database', () => {
    beforeEach(() => open('empty'));

    it('are pending, then applied, in the order of their timestamps', async () => {
      expect(await pendingMigrations(dataSource)).toEqual(names);
      expect(await runMigrations(dataSource)).toEqual(names);
      expect(await pendingMigrations(dataSource)).toEqual([]);
      expect(await runMigrations(dataSource)).toEqual([]);
    });

    it('can all be undone and applied again', async () => {
      await runMigrations(dataSource);
      const complete = await tables();
      for (const name of names.toReversed()) expect(await revertMigration(dataSource)).toBe(name);
      expect(await tables()).toEqual(['migrations']);
      expect(await revertMigration(dataSource)).toBeUndefined();
      await runMigrations(dataSource);
      expect(await tables()).toEqual(complete);
    });

    it('are applied once by five processes that come at the same time', async () => {
      const outputs = await Promise.all(
        Array.from({ length: 5 }, () => runMigrationsOn(database.url)),
      );
      const applied = outputs.flatMap((output) => output.match(/(?<=^applied ).*$/gm) ?? []);
      expect(applied).toEqual(names);
      const rows = await dataSource.query<{ name: string }[]>(
        'SELECT name FROM migrations ORDER BY id',
      );
      expect(rows.map(({ name }) => name)).toEqual(names);
    });

    it('give up when another process keeps the lock', async () => {
      const holder = dataSource.createQueryRunner();
      await holder.query('SELECT pg_advisory_lock($1, 1)', [0x7369676e]);
      await expect(runMigrations(dataSource, { lockWaitMs: 100 })).rejects.toThrow(/too long/);
      await holder.query('SELECT pg_advisory_unlock_all()');
      await holder.release();
      expect(await runMigrations(dataSource)).toEqual(names);
    });
  });

  it('make exactly the schema that the entities describe', async () => {
    await open('migrated');
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('make a session of each family of refresh tokens, which ends with its last token', async () => {
    await open('migrated');
    while ((await revertMigration(dataSource)) !== 'CreateSessions1764000018000');
    await dataSource.query(`
      INSERT INTO users (id, email, password_hash, role, created_at)
      VALUES (gen_random_uuid(), 'ada@example.com', '', 'admin', now())`);
    await dataSource.query(`
      INSERT INTO refresh_tokens
        (id, user_id, family_id, token_hash, created_at, expires_at, absolute_expires_at)
      SELECT gen_random_uuid(), u.id, f.id, sha256((f.id::text || day)::bytea),
        make_date(2030, 1, day), make_date(2030, 2, day), make_date(2030, 3, 1)
      FROM users u,
        (SELECT gen_random_uuid() AS id FROM generate_series(1, 2)) f, generate_series(1, 3) day`);
    await runMigrations(dataSource);
    const sessions = await dataSource.query<Record<string, unknown>[]>(`
      SELECT s.created_at::date::text AS created, last_used_at::date::text AS used,
        expires_at::date::text AS expires, absolute_expires_at::date::text AS ends,
        (SELECT count(*)::int FROM refresh_tokens WHERE family_id = s.id) AS tokens
      FROM sessions s JOIN users u ON u.id = s.user_id`);
    const session = {
      created: '2030-01-01',
      used: '2030-01-03',
      expires: '2030-02-03',
      ends: '2030-03-01',
      tokens: 3,
    };
    expect(sessions).toEqual([session, session]);
  });

  it('let links be searched that there are, and keep their tags as far as an index can hold them', async () => {
    await open('migrated');
    while ((await revertMigration(dataSource)) !== 'KeepSearchTexts1764000020000');
    const long = Array.from({ length: 20 }, (_, n) => `${n}`.padEnd(50, '漢字かな交じり文'));
    const rows = [
      ['many', Array.from({ length: 20 }, (_, n) => `tag ${n}`)],
      ['long', long],
      ['twice', ['Bu\u0308cher', 'x', 'Bücher']],
    ] as const;
    await dataSource.query(`
      INSERT INTO workspaces (id, name, created_at) VALUES (gen_random_uuid(), 'Team', now())`);
    for (const [code, tags] of rows) {
      await dataSource.query(
        `INSERT INTO links (id, workspace_id, code, url, title, tags)
         SELECT gen_random_uuid(), id, $1, 'https://xn--bcher-kva.example/%C3%A4', 'ÜBER', $2
         FROM workspaces`,
        [code, tags],
      );
    }
    await runMigrations(dataSource);
    // As the version before this one adds links.
    await dataSource.query(`
      INSERT INTO links (id, workspace_id, code, url, title)
      SELECT gen_random_uuid(), id, 'new', 'https://example.com/', 'Σ' FROM workspaces`);
    const links = await dataSource.query<Record<string, unknown>[]>(
      'SELECT code, tags, version, search_text AS text FROM links ORDER BY code',
    );
    const text = (code: string): string =>
      `${code}\u001füber\u001fhttps://xn--bcher-kva.example/%c3%a4\u001fhttps://bücher.example/ä`;
    expect(links).toEqual([
      { code: 'long', tags: long.slice(0, 10), version: 2, text: text('long') },
      { code: 'many', tags: rows[0][1], version: 1, text: text('many') },
      { code: 'new', tags: [], version: 1, text: 'new\u001fσ\u001fhttps://example.com/' },
      { code: 'twice', tags: ['Bücher', 'x'], version: 2, text: text('twice') },
    ]);
  });
});
