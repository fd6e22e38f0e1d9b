import pg from 'pg';
import {
  DISTRIBUTED_TABLES,
  DistributionRepository,
} from '../../src/analytics/ingestion/distribution.repository.ts';

/** Few shards are made sooner; each node has some all the same. */
const SHARDS = 4;

/**
 * The same database at the workers of its Citus cluster; none, if it belongs to none. Tests run on the cluster
 * that TEST_DATABASE_URL leads to.
 */
async function workersOf(url: string): Promise<string[]> {
  const [extension] = await execute(url, `SELECT FROM pg_extension WHERE extname = 'citus'`);
  if (!extension) return [];
  const workers = await execute<{ host: string; port: number }>(
    url,
    'SELECT nodename AS host, nodeport AS port FROM pg_dist_node WHERE groupid > 0',
  );
  return workers.map(({ host, port }) => {
    const worker = new URL(url);
    worker.hostname = host;
    worker.port = String(port);
    return worker.href;
  });
}

/** Makes databases that are there one of Citus: the first at the coordinator, the others at the workers. */
export async function joinNodes(coordinator: string, workers: string[]): Promise<void> {
  for (const node of [coordinator, ...workers]) {
    const { username, password } = new URL(node);
    await execute(node, 'CREATE EXTENSION citus');
    // How nodes log in at others (0), and a node at itself (-1).
    await execute(
      node,
      `INSERT INTO pg_dist_authinfo SELECT id, '${username}', 'password=${password || 'none'}' FROM unnest(ARRAY[0, -1]) AS id`,
    );
  }
  for (const node of [coordinator, ...workers]) {
    const { hostname, port } = new URL(node);
    const join = node === coordinator ? 'citus_set_coordinator_host' : 'citus_add_node';
    await execute(coordinator, `SELECT ${join}('${hostname}', ${port || 5432})`);
  }
}

/**
 * Spreads the tables of clicks of a database over the workers that another one of its cluster has, as
 * `npm run distribute` does; does nothing if it has none.
 */
export async function spread(admin: string, url: string, shards = SHARDS): Promise<void> {
  const workers = await workersOf(admin);
  if (workers.length === 0) return;
  const name = new URL(url).pathname.slice(1);
  for (const worker of workers) await execute(worker, `CREATE DATABASE ${name} TEMPLATE template0`);
  await joinNodes(
    url,
    workers.map((worker) => databaseAt(worker, name)),
  );
  await connected(url, async (client) => {
    await client.query(`SET citus.shard_count = ${shards}`);
    const distribution = new DistributionRepository(client);
    for (const table of DISTRIBUTED_TABLES) await distribution.distribute(table);
  });
}

/** Drops the database where it is, and at the workers: later, since the coordinator has sessions there. */
export async function dropDatabase(admin: string, name: string): Promise<void> {
  for (const node of [admin, ...(await workersOf(admin))]) {
    await execute(node, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
}

export function databaseAt(admin: string, name: string): string {
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return url.href;
}

export function execute<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  return connected(url, async (client) => (await client.query<Row>(sql)).rows);
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
