import pg from 'pg';
import { uuidv7 } from '../../src/common/uuid.js';
import { spread } from '../../test/support/citus.ts';
import { createDatabaseOn, runMigrationsOn } from '../../test/support/database.ts';
import { startPostgres } from '../postgres.ts';

const ROWS_AT_ONCE = 20_000;
/** As many as Citus makes by default. */
const CITUS_SHARDS = 32;

export interface BenchDatabase {
  url: string;
  client: pg.Client;
  linkIds: string[];
  workspaceIds: string[];
  remove(): Promise<void>;
}

/** A PostgreSQL with so many links; of Citus, if BENCH_DATABASE_URL leads to a database of a cluster. */
export async function databaseWithLinks(
  count: number,
  linksPerWorkspace: number,
): Promise<BenchDatabase> {
  const given = process.env['BENCH_DATABASE_URL'];
  const cluster = given === undefined ? await startPostgres() : undefined;
  const database = await createDatabaseOn(given ?? cluster!.url, 'signpost_bench');
  const { url } = database;
  await runMigrationsOn(url);
  await spread(given ?? cluster!.url, url, CITUS_SHARDS);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`SET TIME ZONE 'UTC'`);
  const remove = async (): Promise<void> => {
    await client.end();
    await (cluster ? cluster.remove() : database.drop());
  };
  return { url, client, remove, ...(await insertLinks(client, count, linksPerWorkspace)) };
}

async function insertLinks(
  client: pg.Client,
  count: number,
  linksPerWorkspace: number,
): Promise<{ linkIds: string[]; workspaceIds: string[] }> {
  const linkIds = Array.from({ length: count }, () => uuidv7());
  const workspaceIds = Array.from({ length: Math.ceil(count / linksPerWorkspace) }, () => uuidv7());
  await client.query(
    `INSERT INTO workspaces (id, name, created_at) SELECT unnest($1::uuid[]), 'Team', now()`,
    [workspaceIds],
  );
  for (let start = 0; start < count; start += ROWS_AT_ONCE) {
    const part = linkIds.slice(start, start + ROWS_AT_ONCE);
    await client.query(
      `INSERT INTO links (id, workspace_id, code, url, tags)
       SELECT id, workspace_id, right(id::text, 12), 'https://example.com/' || id,
         CASE WHEN place % 10 = 0 THEN ARRAY['campaign'] ELSE '{}' END
       FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS link (id, workspace_id, place)`,
      [part, part.map((_, n) => workspaceIds[(start + n) % workspaceIds.length])],
    );
  }
  await client.query('ANALYZE links');
  return { linkIds, workspaceIds };
}
