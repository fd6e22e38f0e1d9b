import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { runMigrationsOn } from '../../test/support/database.ts';
import { signpost } from '../../test/support/environment.ts';
import { freePort } from '../../test/support/free-port.ts';
import { DEFAULTS } from '../defaults.ts';
import { SETUP_TOKEN } from './api-user.ts';
import type { Alone, Contender, Surroundings } from './contender.ts';
import { type Metrics, METRICS_TOKEN, readMetrics } from './metrics.ts';
import { ServerProcess, whileAsleep } from './server-process.ts';

const DRAINED_WITHIN_MS = 300_000;

/** Signpost as it runs in production: the build, in a process, on PostgreSQL. */
export class Signpost implements Contender {
  url = '';
  private database: pg.Pool | undefined;
  private databaseUrl: string | undefined;
  private server: ServerProcess | undefined;

  constructor(
    readonly name: string,
    readonly title: string,
    private readonly around: Surroundings,
    private readonly env: Record<string, string>,
  ) {}

  async start(): Promise<void> {
    this.databaseUrl = await this.around.createDatabase();
    await runMigrationsOn(this.databaseUrl);
    this.database = new pg.Pool({ connectionString: this.databaseUrl, max: 2 });
    // A failure elsewhere may take PostgreSQL away first; it is the one to be told of.
    this.database.on('error', () => undefined);
    await insertLinks(this.database, this.around);
    await this.launch();
  }

  /** Starts the process; returns after how many milliseconds it has answered so. */
  async launch(path = `/${this.around.codes.codes[0]}`, status = 302): Promise<number> {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    this.server = new ServerProcess(
      [process.execPath, ...signpost('serve')],
      {
        PORT: String(port),
        HOST: '127.0.0.1',
        DATABASE_URL: this.databaseUrl,
        DATA_DIR: join(this.around.directory, this.name),
        JWT_SECRET: randomBytes(48).toString('base64'),
        REGISTRATION: 'open',
        SETUP_TOKEN,
        METRICS_TOKEN,
        PUBLIC_URL: this.url,
        SHUTDOWN_DELAY_SECONDS: '0',
        // One user works for many.
        RATE_LIMIT_API_PER_MINUTE: '1000000',
        ...this.env,
      },
      this.around.cores.server,
    );
    return this.server.start(`${this.url}${path}`, status);
  }

  async countClicks(): Promise<number> {
    await this.drained();
    const { rows } = await this.query<{ clicks: string | null }>(
      'SELECT sum(clicks) AS clicks FROM link_totals',
    );
    return Number(rows[0]!.clicks);
  }

  async vacuum(): Promise<void> {
    await this.query('VACUUM ANALYZE');
  }

  /** Each worker has a memory of its own, and gets to know only the links that it is asked for. */
  async isWarm(codes: number): Promise<boolean> {
    const workers = Number(this.env['WORKERS'] ?? 1);
    const { cachedLinks } = await this.metrics();
    return cachedLinks >= workers * Math.min(codes, DEFAULTS.links.cacheSize);
  }

  async withEachWorker(work: (alone: Alone) => Promise<void>): Promise<void> {
    const workers = this.server!.workers;
    for (const awake of workers) {
      const others = workers.filter((pid) => pid !== awake);
      await work((load) => whileAsleep(others, load));
    }
  }

  metrics(): Promise<Metrics> {
    return readMetrics(this.url);
  }

  residentBytes(): number | undefined {
    return this.server?.residentBytes();
  }

  query<Row extends pg.QueryResultRow>(
    sql: string,
    values: unknown[] = [],
  ): Promise<pg.QueryResult<Row>> {
    return this.database!.query<Row>(sql, values);
  }

  /** Keeps clicks in the spool, by a lock in the database, until the returned function is called. */
  async holdIngestion(): Promise<() => Promise<void>> {
    const client = await this.database!.connect();
    await client.query('BEGIN; LOCK TABLE ingested_segments IN EXCLUSIVE MODE');
    return async () => {
      await client.query('ROLLBACK');
      client.release();
    };
  }

  /** Ends the process; it can be launched again. */
  async halt(): Promise<void> {
    await this.server?.stop();
  }

  async stop(): Promise<void> {
    await this.halt();
    await this.database?.end();
  }

  /** All that was recorded is in the database. */
  private async drained(): Promise<void> {
    const deadline = Date.now() + DRAINED_WITHIN_MS;
    for (;;) {
      const { recorded, ingested } = await this.metrics();
      if (ingested >= recorded) return;
      if (Date.now() > deadline) throw new Error(`${recorded - ingested} clicks do not arrive`);
      await sleep(200);
    }
  }
}

async function insertLinks(database: pg.Pool, { codes }: Surroundings): Promise<void> {
  const { rows } = await database.query<{ id: string }>(
    `INSERT INTO workspaces (id, name, created_at)
     VALUES (gen_random_uuid(), 'Bench', now()) RETURNING id`,
  );
  await database.query(
    `INSERT INTO links (id, workspace_id, code, url)
     SELECT gen_random_uuid(), $1, code, url FROM unnest($2::text[], $3::text[]) AS new (code, url)`,
    [rows[0]!.id, codes.codes, codes.urls],
  );
  await database.query('VACUUM ANALYZE links');
}
