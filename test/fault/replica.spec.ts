import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ReportDatabase } from '../../src/analytics/reports/report-database.js';
import { isDatabaseUnavailable } from '../../src/platform/database/database-unavailable.js';
import { eventually, follow, health, TestUser } from '../support/api.js';
import { expectEachOnce, untilDrained } from '../support/exactly-once.js';
import type { Fields } from '../support/http-client.js';
import { Load } from '../support/load.js';
import { PostgresCluster } from '../support/postgres-cluster.js';
import { startServer, type TestServer } from '../support/server.js';

const WITHIN_MS = 20_000;

/** All that is told of clicks, by what asks for it. */
const REPORTS: Record<string, (link: Fields) => string> = {
  'the statistics of a link': ({ id }) => `/links/${id}/stats`,
  'the statistics of a workspace': ({ workspaceId }) => `/workspaces/${workspaceId}/stats`,
  'a list of clicks': ({ id }) => `/links/${id}/clicks`,
  'a file of clicks': ({ id }) => `/links/${id}/clicks?format=csv`,
  'the totals of links': ({ id }) => `/stats/links?ids=${id}`,
};

async function on(url: string, ...statements: string[]): Promise<Fields[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    for (const sql of statements.slice(0, -1)) await client.query(sql);
    return (await client.query(statements.at(-1)!)).rows as Fields[];
  } finally {
    await client.end();
  }
}

describe('Reports that are read from a replica', () => {
  let primary: PostgresCluster;
  let replica: PostgresCluster;
  let server: TestServer;
  let user: TestUser;
  let link: Fields;
  let load: Load | undefined;

  beforeAll(async () => {
    primary = await PostgresCluster.start();
    replica = await primary.standby();
    server = await startServer({
      databaseUrl: primary.url,
      env: {
        MIGRATE_ON_START: 'true',
        SPOOL_SEGMENT_MAX_AGE_MS: '200',
        REPORTS_DATABASE_URL: replica.url,
        // For that long a report waits that has begun.
        DATABASE_STATEMENT_TIMEOUT_MS: '2000',
      },
    });
    user = await TestUser.register(server.url);
    link = await user.shorten();
  }, 90_000);
  afterEach(() => load?.stop());
  afterAll(async () => {
    await server.remove();
    await replica.remove();
    await primary.remove();
  });

  /** How many clicks each of them tells of. */
  async function counts(): Promise<Record<string, number>> {
    const answers = await Promise.all(Object.values(REPORTS).map((path) => user.get(path(link))));
    const [ofLink, ofWorkspace, list, file, totals] = answers;
    const found = [
      ofLink!.body['totals']?.clicks,
      ofWorkspace!.body['totals']?.clicks,
      list!.body['items']?.length,
      file!.text.trim().split('\n').length - 1,
      totals!.body['items']?.[0].clicks,
    ];
    return Object.fromEntries(Object.keys(REPORTS).map((name, index) => [name, found[index]]));
  }

  const all = (count: number) =>
    Object.fromEntries(Object.keys(REPORTS).map((name) => [name, count]));

  const statuses = async () =>
    Promise.all(Object.values(REPORTS).map(async (path) => (await user.get(path(link))).status));

  const allAre = (status: number) => (found: number[]) => found.every((each) => each === status);

  it('are as old as the replica, and new when it has caught up', async () => {
    await follow(server.url, link['code']);
    await untilDrained(server);
    const isKnown = (found: Record<string, number>) => found['the totals of links'] === 1;
    expect(await eventually(counts, isKnown, WITHIN_MS)).toEqual(all(1));
    await on(replica.url, 'SELECT pg_wal_replay_pause()');
    await follow(server.url, link['code']);
    await untilDrained(server);
    const [stored] = await on(primary.url, 'SELECT count(*)::int AS clicks FROM clicks');
    expect([stored, await counts()]).toEqual([{ clicks: 2 }, all(1)]);
    // Of this link the replica does not know at all.
    const { id } = await user.shorten();
    expect((await user.get(`/links/${id}/stats`)).body['totals']).toMatchObject({ clicks: 0 });
    await on(replica.url, 'SELECT pg_wal_replay_resume()');
    const isNew = (found: Record<string, number>) => found['the totals of links'] === 2;
    expect(await eventually(counts, isNew, WITHIN_MS)).toEqual(all(2));
  }, 60_000);

  const signal = (name: NodeJS.Signals) => async () =>
    replica.processes.forEach((pid) => process.kill(pid, name));

  it.each([
    ['is down', () => replica.kill(), () => replica.start()],
    ['is frozen', signal('SIGSTOP'), signal('SIGCONT')],
  ])(
    'are 503 while it %s, when all else goes on; then they are back',
    async (_, end, begin) => {
      expect((await health(server.url))[1]).toMatchObject({ status: 'healthy' });
      // Few: a file of more than a thousand clicks breaks off when the replica does.
      load = new Load(server.url, link['code'], { clients: 2, pauseMs: 200 });
      await end();
      expect(await eventually(statuses, allAre(503), WITHIN_MS)).toEqual([503, 503, 503, 503, 503]);
      const { body } = await user.get(REPORTS['the totals of links']!(link));
      expect(body).toMatchObject({ type: 'https://signpost.dev/problems/database-unavailable' });
      const summary = async () => (await health(server.url))[1];
      const isDown = ({ checks }: Fields) => checks.reports.status === 'down';
      expect(await eventually(summary, isDown, WITHIN_MS)).toMatchObject({
        status: 'degraded',
        checks: { database: { status: 'up' }, reports: { status: 'down' } },
      });
      expect((await health(server.url, '/ready'))[0]).toBe(200);
      await user.shorten();
      expect((await user.get('/links')).status).toBe(200);
      await load.redirects(20);
      await load.stop();
      expect(load.failures).toEqual([]);
      await expectEachOnce(server, load);
      await begin();
      expect(await eventually(statuses, allAre(200), WITHIN_MS)).toEqual([200, 200, 200, 200, 200]);
      expect(await eventually(summary, (now) => !isDown(now), WITHIN_MS)).toMatchObject({
        status: 'healthy',
      });
    },
    90_000,
  );

  it('are 503 while it has an older schema than the code', async () => {
    const newest = 'timestamp = (SELECT max(timestamp) FROM migrations)';
    const [row] = await on(primary.url, `SELECT * FROM migrations WHERE ${newest}`);
    await on(primary.url, `DELETE FROM migrations WHERE ${newest}`);
    await eventually(statuses, allAre(503), WITHIN_MS);
    expect((await health(server.url))[1]['checks'].reports).toEqual({
      status: 'down',
      reason: `the replica does not have the migration ${row!['name']} yet`,
    });
    const { timestamp, name } = row!;
    const insert = `INSERT INTO migrations (timestamp, name) VALUES (${timestamp}, '${name}')`;
    await on(primary.url, insert);
    expect(await eventually(statuses, allAre(200), WITHIN_MS)).toEqual([200, 200, 200, 200, 200]);
  }, 60_000);

  it('are 503 when it was promoted, since it follows nobody then', async () => {
    await on(replica.url, 'SELECT pg_promote()');
    expect(await eventually(statuses, allAre(503), WITHIN_MS)).toEqual([503, 503, 503, 503, 503]);
    expect((await health(server.url))[1]['checks'].reports.reason).toBe(
      'the server of REPORTS_DATABASE_URL does not follow the database',
    );
  }, 60_000);
});

describe('REPORTS_DATABASE_URL', () => {
  let primary: PostgresCluster;
  let other: PostgresCluster;

  beforeAll(async () => {
    primary = await PostgresCluster.start();
    other = await PostgresCluster.start();
    await on(primary.url, 'CREATE DATABASE other');
  }, 60_000);
  afterAll(async () => {
    await other.remove();
    await primary.remove();
  });

  it.each([
    ['another system is never asked', () => other.url, 503],
    ['another database of the same system is never asked', () => primary.urlOf('other'), 503],
    ['the database itself is asked', () => primary.url, 200],
  ])(
    'that leads to %s',
    async (_, url, expected) => {
      const server = await startServer({
        databaseUrl: primary.url,
        env: { MIGRATE_ON_START: 'true', REPORTS_DATABASE_URL: url() },
      });
      try {
        const user = await TestUser.register(server.url);
        const { id } = await user.shorten();
        expect((await user.get(`/links/${id}/stats`)).status).toBe(expected);
        const reason = 'REPORTS_DATABASE_URL leads to another database than DATABASE_URL';
        expect(server.log.includes(reason)).toBe(expected === 503);
      } finally {
        await server.remove();
      }
    },
    60_000,
  );
});

describe('A report in the way of what the replica has to replay', () => {
  let primary: PostgresCluster;
  let replica: PostgresCluster;
  let pool: pg.Pool;
  let reports: ReportDatabase;

  beforeAll(async () => {
    primary = await PostgresCluster.start({ max_standby_streaming_delay: '0', autovacuum: 'off' });
    replica = await primary.standby();
    pool = new pg.Pool({ connectionString: replica.url, max: 1 });
    reports = new ReportDatabase(pool);
  }, 60_000);
  afterAll(async () => {
    await pool.end();
    await replica.remove();
    await primary.remove();
  });

  /** Reads rows that are removed before it is done, as often as told. */
  async function read(conflicts: number, isBusy: boolean): Promise<number> {
    let attempts = 0;
    await on(primary.url, 'CREATE TABLE IF NOT EXISTS counted (clicks integer)');
    await on(primary.url, 'INSERT INTO counted SELECT generate_series(1, 1000)');
    const known = () => on(replica.url, 'SELECT FROM counted').catch(() => []);
    await eventually(known, ({ length }) => length > 0, WITHIN_MS);
    await reports.read(async (snapshot) => {
      attempts += 1;
      const { rows } = await snapshot.query<{ pid: number }>(
        'SELECT pg_backend_pid() AS pid, count(*) FROM counted',
      );
      const { pid } = rows[0]!;
      if (attempts > conflicts) return;
      const vacuum = on(
        primary.url,
        `INSERT INTO counted VALUES (0)`,
        'DELETE FROM counted',
        'VACUUM counted',
      );
      if (isBusy) await snapshot.query('SELECT pg_sleep(30)', []).finally(() => vacuum);
      const isThere = `SELECT FROM pg_stat_activity WHERE pid = ${pid}`;
      await eventually(
        () => on(replica.url, isThere),
        ({ length }) => length === 0,
        WITHIN_MS,
      );
      await vacuum;
      await snapshot.query('SELECT 1', []);
    });
    return attempts;
  }

  it.each([
    ['is given up while PostgreSQL works', true],
    ['is given up while PostgreSQL waits', false],
  ])(
    '%s, and begins anew',
    async (_, isBusy) => {
      expect(await read(1, isBusy)).toBe(2);
      const twice = await read(2, isBusy).catch((error: unknown) => error);
      expect(String(twice)).toContain('conflict with recovery');
      expect(isDatabaseUnavailable(twice)).toBe(true);
    },
    90_000,
  );
});
