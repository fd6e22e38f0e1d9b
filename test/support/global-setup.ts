import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { SocketLock } from '../../src/common/socket-lock.ts';
import { createDatabaseOn, runMigrationsOn } from './database.ts';
import { ADMIN_URL, TEMPLATE } from './environment.ts';
import { PostgresCluster } from './postgres-cluster.ts';

export interface TestRun {
  /** Absent if TEST_DATABASE_URL names another. */
  cluster?: PostgresCluster;
  admin: string;
  template: string;
}

declare global {
  var signpostTestRun: TestRun | undefined;
}

/**
 * Once for all tests that need them: the build, and a PostgreSQL with a migrated database for the
 * suites to copy. It is the one of TEST_DATABASE_URL, whose user must be allowed to create
 * databases, or else a throwaway one.
 */
export default async function globalSetup(): Promise<void> {
  if (globalThis.signpostTestRun) return;
  await build();
  const given = process.env['TEST_DATABASE_URL'];
  const cluster = given === undefined ? await PostgresCluster.start() : undefined;
  const admin = given ?? cluster!.url;
  const { url } = await createDatabaseOn(admin);
  const template = new URL(url).pathname.slice(1);
  globalThis.signpostTestRun = { cluster, admin, template };
  await runMigrationsOn(url);
  process.env[ADMIN_URL] = admin;
  process.env[TEMPLATE] = template;
}

/** Type errors do not stop the tests: `npm run check` is about those. */
async function build(): Promise<void> {
  let lock: SocketLock | undefined;
  while (!(lock = await SocketLock.acquire('node_modules/.signpost-build.lock'))) await sleep(200);
  spawnSync(process.execPath, ['config/clean-dist.js']);
  const tsc = ['node_modules/typescript/bin/tsc', '-b', 'tsconfig.build.json'];
  const { status, stdout } = spawnSync(process.execPath, tsc);
  await lock.release();
  if (status !== 0) process.stderr.write(`\nThe build has errors:\n${stdout.toString()}\n`);
}
