import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { connectionTarget, dataSourceOptions } from '../../src/platform/database/connection.js';
import { loadEntities, loadMigrations } from '../../src/platform/database/load-classes.js';
import {
  pendingMigrations,
  revertMigration,
  runMigrations,
} from '../../src/platform/database/migrate.js';
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
});
