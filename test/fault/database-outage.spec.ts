import { afterEach, describe, expect, it } from '@jest/globals';
import { PostgresCluster } from '../support/postgres-cluster.js';
import { startServer, type TestServer } from '../support/server.js';

const statusOf = async (server: TestServer, path: string): Promise<number> => {
  const response = await fetch(`${server.url}${path}`, { signal: AbortSignal.timeout(10_000) });
  await response.arrayBuffer();
  return response.status;
};

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe('a PostgreSQL that goes away', () => {
  let cluster: PostgresCluster;
  let server: TestServer | undefined;

  afterEach(async () => {
    await server?.remove();
    server = undefined;
    await cluster.remove();
  });

  it('may be down when the server starts: it is live, says so once, and is ready later', async () => {
    cluster = await PostgresCluster.start();
    await cluster.stop();
    const env = { MIGRATE_ON_START: 'true' };
    server = await startServer({ databaseUrl: cluster.url, env, until: 'live' });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await statusOf(server, '/health/ready')).toBe(503);
    expect(server.log.match(/The database is not ready/g)).toHaveLength(1);
    await cluster.start();
    await until(async () => (await statusOf(server!, '/health/ready')) === 200);
  }, 30_000);

  it('may be killed under the server, which lives, answers 503, and recovers by itself', async () => {
    cluster = await PostgresCluster.start();
    const env = { MIGRATE_ON_START: 'true' };
    server = await startServer({ databaseUrl: cluster.url, env });
    expect(await statusOf(server, '/unknown1')).toBe(404);
    await cluster.kill();
    expect(await statusOf(server, '/unknown2')).toBe(503);
    expect(await statusOf(server, '/health/live')).toBe(200);
    expect(await statusOf(server, '/health/ready')).toBe(200);
    await cluster.start();
    await until(async () => (await statusOf(server!, '/unknown3')) === 404);
  }, 30_000);
});
