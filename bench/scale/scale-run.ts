import pg from 'pg';
import { TestUser } from '../../test/support/api.ts';
import {
  createDatabaseOn,
  runMigrationsOn,
  type TestDatabase,
} from '../../test/support/database.ts';
import type { PostgresCluster } from '../../test/support/postgres-cluster.ts';
import { SETUP_TOKEN } from '../contenders/api-user.ts';
import { METRICS_TOKEN } from '../contenders/metrics.ts';
import { DEFAULTS } from '../defaults.ts';
import { startPostgres } from '../postgres.ts';
import { startServer, type TestServer } from '../../test/support/server.ts';
import { measureCacheMemory } from './cache-memory.ts';
import { LinkLoader } from './link-loader.ts';
import type { ScaleOptions } from './options.ts';
import { explainStatements, SEQUENTIAL } from './plans.ts';
import type { ScaleResult, SizeResult } from './report.ts';
import { measureRequests } from './requests.ts';
import { measureUnderLoad } from './under-load.ts';

const CACHE_SIZE = DEFAULTS.links.cacheSize;

/** One database that grows from size to size, and a fresh server at each. */
export class ScaleRun {
  private constructor(
    private readonly options: ScaleOptions,
    private readonly cluster: PostgresCluster | undefined,
    private readonly database: TestDatabase,
    private readonly pool: pg.Pool,
  ) {}

  /** On the PostgreSQL of TEST_DATABASE_URL, or a throwaway one. */
  static async start(options: ScaleOptions): Promise<ScaleRun> {
    const given = process.env['TEST_DATABASE_URL'];
    const cluster = given === undefined ? await startPostgres() : undefined;
    const database = await createDatabaseOn(given ?? cluster!.url, 'signpost_scale');
    await runMigrationsOn(database.url);
    const pool = new pg.Pool({ connectionString: database.url });
    return new ScaleRun(options, cluster, database, pool);
  }

  async remove(): Promise<void> {
    await this.pool.end();
    await this.database.drop();
    await this.cluster?.remove();
  }

  async postgresVersion(): Promise<string> {
    return (await this.pool.query<{ server_version: string }>('SHOW server_version')).rows[0]!
      .server_version;
  }

  /** @throws Error if something is answered wrongly, or PostgreSQL looks through all links. */
  async measure(): Promise<ScaleResult> {
    const sizes: SizeResult[] = [];
    const most = this.options.sizes.at(-1)!;
    let server = await this.startServer();
    const { token } = await TestUser.register(server.url, SETUP_TOKEN);
    const workspaceId = await this.workspaceId();
    const loader = new LinkLoader(this.pool, workspaceId, most);
    for (const links of this.options.sizes) {
      await server.remove();
      const loadedPerSecond = await loader.load(sizes.at(-1)?.links ?? 0, links, (done) =>
        progress(`loading: ${done.toLocaleString('en')} of ${most.toLocaleString('en')} links`),
      );
      const scansBefore = await this.sequentialScans();
      server = await this.startServer();
      progress(`measuring with ${links.toLocaleString('en')} links`);
      const latencies = await measureRequests(server.url, token, links, this.options.requests);
      // PostgreSQL has counted all that a session did when the session has ended.
      await server.stop();
      const sequentialScans = (await this.sequentialScans()) - scansBefore;
      const plans = await this.plans(workspaceId, links);
      const bytes = await this.bytes();
      sizes.push({ links, loadedPerSecond, ...bytes, latencies, plans, sequentialScans });
      insistOnIndexes(sizes.at(-1)!);
    }
    await server.remove();
    progress('measuring memory and misses');
    const cached = Math.min(CACHE_SIZE, most);
    const cache = await measureCacheMemory(this.database.url, cached);
    server = await this.startServer();
    const underLoad = await measureUnderLoad(server, cached, this.options.seconds);
    await server.remove();
    return { sizes, cache, ...underLoad };
  }

  private startServer(): Promise<TestServer> {
    return startServer({
      databaseUrl: this.database.url,
      env: {
        NODE_ENV: 'production',
        BCRYPT_COST: '10',
        SHUTDOWN_DELAY_SECONDS: '0',
        LINK_CACHE_SIZE: String(CACHE_SIZE),
        // Loading takes longer than a token usually lives.
        ACCESS_TOKEN_TTL_SECONDS: '86400',
        METRICS_TOKEN,
        // One user works for many.
        RATE_LIMIT_API_PER_MINUTE: '1000000',
        PUBLIC_URL: 'http://localhost',
        JWT_SECRET: 'Fm2xkP9wQ7vTz4LbN6cRd8HsJ3gYa5Ue',
        REGISTRATION: 'open',
        SETUP_TOKEN,
        LOG_LEVEL: 'warn',
      },
    });
  }

  private async workspaceId(): Promise<string> {
    return (await this.pool.query<{ id: string }>('SELECT id FROM workspaces')).rows[0]!.id;
  }

  private async plans(workspaceId: string, links: number) {
    const client = await this.pool.connect();
    try {
      return await explainStatements(client, workspaceId, links);
    } finally {
      client.release();
    }
  }

  private async sequentialScans(): Promise<number> {
    const { rows } = await this.pool.query<{ seq_scan: string }>(
      `SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'links'`,
    );
    return Number(rows[0]!.seq_scan);
  }

  private async bytes(): Promise<{ tableBytes: number; indexBytes: number }> {
    const { rows } = await this.pool.query<{ table: string; indexes: string }>(
      `SELECT pg_table_size('links') AS table, pg_indexes_size('links') AS indexes`,
    );
    return { tableBytes: Number(rows[0]!.table), indexBytes: Number(rows[0]!.indexes) };
  }
}

function insistOnIndexes({ links, plans, sequentialScans }: SizeResult): void {
  const without = Object.entries(plans).filter(([, used]) => used.includes(SEQUENTIAL));
  if (without.length === 0 && sequentialScans === 0) return;
  const names = without.map(([name]) => name).join(', ') || 'a request';
  throw new Error(`With ${links} links PostgreSQL looks through all of them for: ${names}`);
}

/** On one line of the terminal; on a line of its own elsewhere. */
function progress(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
}
