import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { eventually, health, TestUser } from '../support/api.js';
import { cleanEnvironment, compiled } from '../support/environment.js';
import { expectEachOnce, query, storedMarkers, untilDrained } from '../support/exactly-once.js';
import { report } from '../support/fault-runs.js';
import { Load } from '../support/load.js';
import { metric } from '../support/metrics.js';
import { PostgresCluster } from '../support/postgres-cluster.js';
import { installedPostgres } from '../support/postgres-binaries.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';
import { startServer, type TestServer } from '../support/server.js';

/** All that ingestion writes. */
const CLICK_TABLES = [
  'clicks',
  'ingested_segments',
  'visitor_days',
  'link_totals',
  'link_days',
  'link_blocks',
  'workspace_days',
  'workspace_blocks',
];
const BACK_WITHIN_MS = 20_000;

/** Waits for a replay that has found something to be over. */
async function untilReplayed({ url }: TestServer): Promise<void> {
  const isOver = async () =>
    (await metric(url, 'signpost_segments_replayed_total')) > 0 &&
    (await metric(url, 'signpost_spool_replaying')) === 0;
  expect(await eventually(isOver, Boolean, BACK_WITHIN_MS)).toBe(true);
}

const run = promisify(execFile);

describe('When PostgreSQL comes back without what it had committed', () => {
  let cluster: PostgresCluster;
  let server: TestServer;
  let user: TestUser;
  let linkId: string;
  let code: string;
  let load: Load;

  beforeEach(async () => {
    cluster = await PostgresCluster.start();
    server = await startServer({
      databaseUrl: cluster.url,
      env: { MIGRATE_ON_START: 'true', SPOOL_SEGMENT_MAX_AGE_MS: '200' },
    });
    user = await TestUser.register(server.url);
    const link = await user.shorten();
    linkId = link['id'];
    code = link['code'];
    load = new Load(server.url, code);
    await load.redirects(200);
  }, 90_000);
  afterEach(async () => {
    await load.stop();
    await server.remove();
    await cluster.remove();
  });

  const storedClicks = async () => {
    const sql = 'SELECT count(*)::int AS count FROM clicks WHERE link_id = $1';
    return (await query<{ count: number }>(server, sql, [linkId]))[0]!.count;
  };

  /** Answered clicks of which only the database and the kept segments know. */
  async function clicksToLose(): Promise<void> {
    await load.redirects(500);
    await load.stop();
    await untilDrained(server);
  }

  /** Every click is there once, and counted, in the reports as well. */
  async function expectAllBack(...loads: Load[]): Promise<void> {
    await untilReplayed(server);
    await expectEachOnce(server, ...loads);
    const count = await storedClicks();
    const days = `SELECT count(DISTINCT (clicked_at AT TIME ZONE 'UTC')::date)::int FROM clicks`;
    const [visitors] = await query<{ count: number }>(server, days);
    // One visitor, who is known again on each day.
    expect(await user.totals(linkId, count)).toMatchObject({
      clicks: count,
      visitors: visitors!.count,
    });
    expect(server.log).toContain('Kept clicks are offered to the database again');
    expect(server.log).toContain('The replay has ended');
    const replayed = await metric(server.url, 'signpost_segments_replayed_total');
    report(`${replayed} segments were replayed, ${count} clicks are there once`);
  }

  it('restored from a backup, every answered click is there once after the replay', async () => {
    await cluster.backUp();
    await clicksToLose();
    const before = await storedClicks();
    await cluster.restore();
    expect(await storedClicks()).toBeLessThan(before);
    // Nothing is asked of a database that nobody has news for.
    const next = new Load(server.url, code);
    await next.redirects(1);
    await next.stop();
    await expectAllBack(load, next);
  }, 90_000);

  it('restored while nobody ingests, the next start brings back every answered click', async () => {
    await cluster.backUp();
    await clicksToLose();
    await server.stop();
    await cluster.restore();
    await server.start();
    await expectAllBack(load);
  }, 90_000);

  it('failed over to a standby that lagged behind, every answered click is there once', async () => {
    const standby = await cluster.standby();
    try {
      const onStandby = new pg.Client({ connectionString: standby.url });
      await onStandby.connect();
      const isThere = async () => (await onStandby.query('SELECT FROM clicks')).rowCount!;
      await load.redirects(200);
      await eventually(isThere, (count) => count > 200, BACK_WITHIN_MS);
      await onStandby.query(`ALTER SYSTEM SET primary_conninfo = ''`);
      await onStandby.query('SELECT pg_reload_conf()');
      const receivers = async () =>
        (await onStandby.query('SELECT FROM pg_stat_wal_receiver')).rowCount!;
      expect(await eventually(receivers, (count) => count === 0, BACK_WITHIN_MS)).toBe(0);
      await clicksToLose();
      const before = await storedClicks();
      const visitors = new Load(server.url, code);
      await cluster.stop('immediate');
      await visitors.redirects(200);
      await onStandby.query('SELECT pg_promote()');
      expect(await isThere()).toBeLessThan(before);
      await onStandby.end();
      await standby.takePlaceOf(cluster);
      await visitors.redirects(200);
      await visitors.stop();
      expect(visitors.failures).toEqual([]);
      await expectAllBack(load, visitors);
    } finally {
      await standby.remove();
    }
  }, 120_000);

  it('emptied by a person, "spool:replay" brings back what was kept', async () => {
    await clicksToLose();
    await query(server, `TRUNCATE ${CLICK_TABLES.join(', ')}`);
    const script = compiled('src/analytics/ingestion/replay-spool.command.js');
    const { stdout } = await run(process.execPath, [script], {
      cwd: tmpdir(),
      env: cleanEnvironment({ DATA_DIR: server.dataDir, JWT_SECRET: server.jwtSecret }),
    });
    expect(stdout).toMatch(/KiB of kept clicks are offered again by the service, now/);
    await expectAllBack(load);
    expect((await health(server.url, '/ready'))[0]).toBe(200);
  }, 60_000);
});

const installed = installedPostgres();
if (installed === undefined) {
  process.stdout.write('  Not tested: the scripts for backup and restore (no pg_dump here)\n');
}

(installed === undefined ? describe.skip : describe)('The scripts for backup and restore', () => {
  const PASSWORD = 'p@ss:w/rd%';
  let cluster: PostgresCluster;
  let server: TestServer;
  let directory: TemporaryDirectory;
  let load: Load;
  let secret: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    directory = new TemporaryDirectory();
    secret = join(directory.path, 'jwt secret');
    writeFileSync(secret, 'of the test');
    cluster = await PostgresCluster.start({}, installed);
    const admin = { databaseUrl: cluster.url, dataDir: '' };
    await query(admin, `CREATE ROLE signpost LOGIN PASSWORD '${PASSWORD}'`);
    await query(admin, 'CREATE DATABASE signpost OWNER signpost');
    const url = new URL(cluster.urlOf('signpost'));
    url.username = 'signpost';
    url.password = encodeURIComponent(PASSWORD);
    server = await startServer({
      databaseUrl: url.href,
      dataDir: join(directory.path, 'data'),
      env: { MIGRATE_ON_START: 'true', SPOOL_SEGMENT_MAX_AGE_MS: '200' },
    });
    env = cleanEnvironment({
      DATABASE_URL: url.href,
      DATA_DIR: server.dataDir,
      SECRET_FILES: secret,
      PATH: `${join(installed!.root, 'bin')}:${process.env['PATH']}`,
    });
    const user = await TestUser.register(server.url);
    load = new Load(server.url, (await user.shorten())['code']);
    await load.redirects(200);
  }, 90_000);
  afterEach(async () => {
    await load.stop();
    await server.remove();
    await cluster.remove();
    directory.remove();
  });

  async function backUp(): Promise<string> {
    const { stdout } = await run('deploy/backup/backup.sh', [join(directory.path, 'backups')], {
      env,
    });
    return stdout.trim();
  }

  it('bring back a database beside the running service, which stores again what it lacks', async () => {
    const backup = await backUp();
    expect(statSync(backup).mode & 0o777).toBe(0o700);
    await load.redirects(500);
    // On a busy machine clicks wait for redirects, and what is in the spool cannot be lost.
    const stored = () => storedMarkers(server, [load]);
    const { size } = await stored();
    await eventually(stored, (markers) => markers.size >= size + 200, BACK_WITHIN_MS);
    const { stdout } = await run('deploy/backup/restore.sh', [backup], { env });
    expect(stdout).toMatch(/left .*jwt secret as it is\n.*restored the database\n$/s);
    await load.redirects(100);
    await load.stop();
    expect(load.failures).toEqual([]);
    await untilReplayed(server);
    await expectEachOnce(server, load);
  }, 90_000);

  it('bring back an installation whose machine is lost, with all clicks before its backup', async () => {
    const before = [...load.answered];
    const backup = await backUp();
    await load.stop();
    await server.kill();
    rmSync(server.dataDir, { recursive: true });
    rmSync(secret);
    await query(server, 'DROP SCHEMA public CASCADE');
    await query(server, 'CREATE SCHEMA public');
    const { stdout } = await run('deploy/backup/restore.sh', [backup], { env });
    expect(stdout).toMatch(/restored .*spool\nrestored .*jwt secret\nrestored the database\n/);
    expect(readFileSync(secret, 'utf8')).toBe('of the test');
    await server.start();
    const stored = () => storedMarkers(server, [load]);
    const missing = (markers: Map<string, number>) =>
      before.filter((marker) => !markers.has(marker));
    const found = await eventually(stored, (now) => missing(now).length === 0, BACK_WITHIN_MS);
    expect(missing(found)).toEqual([]);
    await untilDrained(server);
    expect([...(await stored())].filter(([, count]) => count > 1)).toEqual([]);
  }, 90_000);
});
