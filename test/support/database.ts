import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { databaseAt, dropDatabase, execute, spread } from './citus.ts';
import { ADMIN_URL, cleanEnvironment, signpost, TEMPLATE } from './environment.ts';

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/**
 * A database of the test's own: with the schema of the migrations, or `empty`. On Citus the tables of clicks
 * are distributed, unless it is empty.
 * @param encoding another one than the server's; only of an empty database
 */
export async function createDatabase(
  kind: 'migrated' | 'empty' = 'migrated',
  encoding?: string,
): Promise<TestDatabase> {
  const admin = process.env[ADMIN_URL];
  if (admin === undefined) throw new Error('the global set-up of the tests has not run');
  const template = process.env[TEMPLATE]!;
  if (kind === 'empty') return createDatabaseOn(admin, template, 'template0', encoding);
  const database = await createDatabaseOn(admin, template, template);
  await spread(admin, database.url);
  return database;
}

/** Drops what the suites of a run have left: their databases are named after its template. */
export async function dropDatabasesOf(admin: string, template: string): Promise<void> {
  const rows = await execute<{ name: string }>(
    admin,
    `SELECT datname AS name FROM pg_database WHERE datname LIKE '${template}%'`,
  );
  for (const { name } of rows) await dropDatabase(admin, name);
}

/** A copy of `template`, with a name that begins with `prefix`. */
export async function createDatabaseOn(
  admin: string,
  prefix = 'signpost_test',
  template = 'template0',
  encoding?: string,
): Promise<TestDatabase> {
  const name = `${prefix}_${randomBytes(5).toString('hex')}`;
  const options = encoding === undefined ? '' : `ENCODING '${encoding}' LOCALE 'C'`;
  await execute(admin, `CREATE DATABASE ${name} TEMPLATE ${template} ${options}`);
  return { url: databaseAt(admin, name), drop: () => dropDatabase(admin, name) };
}

/** Applies the migrations as `npm run migrate` does; rejects with what it printed if that fails. */
export const runMigrationsOn = (url: string): Promise<string> => runCommandOn(url, 'migrate');

/** Runs a command of the launcher on a database; rejects with what it printed if that fails. */
export async function runCommandOn(url: string, ...command: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, signpost(...command), {
    cwd: tmpdir(),
    env: cleanEnvironment({ DATABASE_URL: url, JWT_SECRET: randomBytes(32).toString('hex') }),
  });
  return stdout;
}
