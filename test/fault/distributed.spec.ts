import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { eventually, TestUser } from '../support/api.js';
import { execute, joinNodes } from '../support/citus.js';
import { runCommandOn, runMigrationsOn } from '../support/database.js';
import { expectEachOnce, query, untilDrained } from '../support/exactly-once.js';
import { FAULT_RUNS, randomMs, report } from '../support/fault-runs.js';
import type { Fields } from '../support/http-client.js';
import { Load } from '../support/load.js';
import { postgresWithCitus } from '../support/postgres-binaries.js';
import { PostgresCluster } from '../support/postgres-cluster.js';
import { startServer, type TestServer } from '../support/server.js';

const BACK_WITHIN_MS = 30_000;
/** What a node left prepared is settled so often; a minute is the default. */
const SETTINGS = {
  shared_preload_libraries: 'citus',
  max_prepared_transactions: '200',
  'citus.shard_count': '4',
  'citus.recover_2pc_interval': '1s',
};
const citus = postgresWithCitus();
if (citus === undefined) {
  process.stdout.write(
    'Faults of Citus are skipped: no PostgreSQL with Citus is installed here.\n',
  );
}

(citus === undefined ? describe.skip : describe)('Clicks on a coordinator and two workers', () => {
  const nodes: PostgresCluster[] = [];
  let server: TestServer;
  let user: TestUser;
  let link: Fields;
  let load: Load;
  const distribute = (...args: string[]) => runCommandOn(nodes[0]!.url, 'distribute', ...args);

  beforeAll(async () => {
    const password = randomBytes(12).toString('hex');
    for (let node = 0; node < 3; node += 1) {
      nodes.push(await PostgresCluster.start(SETTINGS, citus, password));
    }
    const { url } = nodes[0]!;
    await runMigrationsOn(url);
    server = await startServer({ databaseUrl: url });
    user = await TestUser.register(server.url);
    link = await user.shorten();
  }, 120_000);
  afterEach(() => load?.stop());
  afterAll(async () => {
    await server?.remove();
    for (const node of nodes) await node.remove();
  });

  const prepared = (node: PostgresCluster) => execute(node.url, 'SELECT FROM pg_prepared_xacts');

  async function expectUnharmed(): Promise<void> {
    const list = async () => (await user.get('/links')).status;
    expect(await eventually(list, (status) => status === 200, BACK_WITHIN_MS)).toBe(200);
    await load.stop();
    expect(load.failures).toEqual([]);
    await untilDrained(server);
    for (const node of nodes) {
      expect(
        await eventually(
          () => prepared(node),
          (rows) => rows.length === 0,
          20_000,
        ),
      ).toEqual([]);
    }
    await expectEachOnce(server, load);
    const [stored] = await query<{ count: number }>(
      server,
      'SELECT count(*)::int AS count FROM clicks WHERE link_id = $1',
      [link['id']],
    );
    expect((await user.totals(link['id'], stored!.count))['clicks']).toBe(stored!.count);
  }

  /** Until it is known whether a report can be read; never with an error of ours. */
  async function expectNoDefect(): Promise<void> {
    for (const path of [`/links/${link['id']}/stats`, `/links/${link['id']}/clicks`, '/links']) {
      expect([200, 503]).toContain((await user.get(path)).status);
    }
  }

  it('are not distributed without the extension, or without workers', async () => {
    const { url } = nodes[0]!;
    await expect(distribute()).rejects.toThrow('run CREATE EXTENSION citus');
    await execute(url, 'CREATE EXTENSION citus');
    await expect(distribute()).rejects.toThrow('citus_add_node');
    await execute(url, 'DROP EXTENSION citus');
  });

  it('move to the workers while visitors come, and back: no click is lost or doubled', async () => {
    load = new Load(server.url, link['code']);
    await load.redirects(200);
    await joinNodes(nodes[0]!.url, [nodes[1]!.url, nodes[2]!.url]);
    expect(await distribute()).toContain('clicks: done');
    await load.redirects(200);
    expect(await distribute('--undo')).toContain('clicks: done');
    await load.redirects(200);
    expect(await distribute()).toContain('clicks: done');
    expect(await distribute()).toContain('clicks: nothing to do');
    await load.redirects(200);
    await expectUnharmed();
    const kept = await query(
      server,
      `SELECT FROM pg_class WHERE relkind = 'r' AND relname ~ '^clicks_' AND pg_relation_size(oid) > 0`,
    );
    expect(kept).toEqual([]);
  }, 120_000);

  it('get partitions that are distributed, too', async () => {
    const rows = await query(
      server,
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits
       WHERE inhparent = ANY('{clicks,visitor_days}'::regclass[])
         AND inhrelid NOT IN (SELECT logicalrelid FROM pg_dist_partition WHERE partmethod = 'h')`,
    );
    expect(rows).toEqual([]);
  });

  it('survive that a worker is killed in the middle of a transaction, each exactly once', async () => {
    load = new Load(server.url, link['code']);
    const blocker = new pg.Client({ connectionString: nodes[0]!.url });
    blocker.on('error', () => undefined);
    await blocker.connect();
    await blocker.query('BEGIN');
    // The visitors are on the workers by then, and the clicks are not.
    await blocker.query('LOCK TABLE clicks IN SHARE MODE');
    const stuck = () =>
      query(
        server,
        `SELECT FROM pg_stat_activity
         WHERE application_name = 'signpost-ingest' AND wait_event_type = 'Lock'
           AND xact_start < query_start`,
      );
    expect(await eventually(stuck, ({ length }) => length > 0, 20_000)).not.toEqual([]);
    await nodes[1]!.crash();
    await blocker.query('ROLLBACK').catch(() => undefined);
    await blocker.end();
    await load.redirects(200);
    await expectNoDefect();
    await nodes[1]!.start();
    await expectUnharmed();
  }, 120_000);

  it(
    'survive that a worker is killed between the two phases of a commit',
    async () => {
      load = new Load(server.url, link['code']);
      let left = 0;
      for (let run = 0; run < FAULT_RUNS; run += 1) {
        const node = nodes[1 + (run % 2)]!;
        const watcher = new pg.Client({ connectionString: node.url });
        watcher.on('error', () => undefined);
        await watcher.connect();
        for (let rows = 0; rows === 0;) {
          ({ length: rows } = (await watcher.query('SELECT FROM pg_prepared_xacts')).rows);
        }
        await node.crash();
        await watcher.end().catch(() => undefined);
        await load.redirects(50);
        await expectNoDefect();
        await node.start();
        left += (await prepared(node)).length;
      }
      await expectUnharmed();
      report(`${left} transactions were left prepared by ${FAULT_RUNS} kills`);
    },
    120_000 + FAULT_RUNS * 30_000,
  );

  it(
    'survive that any node is killed at any moment, the coordinator too',
    async () => {
      load = new Load(server.url, link['code']);
      for (let run = 0; run < FAULT_RUNS * nodes.length; run += 1) {
        const node = nodes[run % nodes.length]!;
        await load.redirects(50);
        await sleep(randomMs(2_000));
        await node.crash();
        await sleep(randomMs(500));
        await node.start();
      }
      await expectUnharmed();
    },
    120_000 + FAULT_RUNS * 60_000,
  );
});
