import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { CodeSet } from '../code-set.ts';
import type { Cores } from '../cores.ts';
import { freePort } from '../../test/support/free-port.ts';
import type { Metrics } from './metrics.ts';
import { nodeCommand, ServerProcess } from './server-process.ts';

/** A server to be measured. */
export interface Contender {
  /** Short, for options and files. */
  name: string;
  /** For the reader of the table. */
  title: string;
  readonly url: string;
  start(): Promise<void>;
  /** Clicks in the database, once all that were answered are there; undefined if it counts none. */
  countClicks(): Promise<number | undefined>;
  /** Does at once what PostgreSQL would else do for its database later, when others are measured. */
  vacuum(): Promise<void>;
  residentBytes(): number | undefined;
  /** Whether each of its processes has as many of these links in memory as it can. */
  isWarm?(codes: number): Promise<boolean>;
  /** Does this again and again, each time with all of its workers asleep but another one. */
  withEachWorker?(work: (alone: Alone) => Promise<void>): Promise<void>;
  /** How its clicks fare, where they come into the database after the redirect. */
  metrics?(): Promise<Metrics>;
  stop(): Promise<void>;
}

/** Keeps all workers but one asleep while the work goes on. */
export type Alone = <T>(work: () => Promise<T>) => Promise<T>;

/** What contenders need to start. */
export interface Surroundings {
  codes: CodeSet;
  cores: Cores;
  /** Which PostgreSQL it is, for the reader of the results. */
  postgres: string;
  /** Creates an empty database and returns its URL. */
  createDatabase(): Promise<string>;
  /** Where servers may write. */
  directory: string;
}

/** One that has the links in memory and counts nothing. */
export abstract class MemoryServer {
  url = '';
  protected server: ServerProcess | undefined;

  countClicks(): Promise<number | undefined> {
    return Promise.resolve(undefined);
  }

  vacuum(): Promise<void> {
    return Promise.resolve();
  }

  residentBytes(): number | undefined {
    return this.server?.residentBytes();
  }

  async stop(): Promise<void> {
    await this.server?.stop();
  }
}

/** One of those in `servers`. */
export class SimpleServer extends MemoryServer implements Contender {
  constructor(
    readonly name: string,
    readonly title: string,
    protected readonly around: Surroundings,
  ) {
    super();
  }

  async start(): Promise<void> {
    await this.launch({});
  }

  protected async launch(env: Record<string, string>): Promise<void> {
    const port = await freePort();
    const { codes, cores } = this.around;
    const script = fileURLToPath(new URL(`servers/${this.name}.server.js`, import.meta.url));
    this.url = `http://127.0.0.1:${port}`;
    this.server = new ServerProcess(
      nodeCommand(script),
      { PORT: String(port), CODES_FILE: codes.file, ...env },
      cores.server,
    );
    await this.server.start(`${this.url}/${codes.codes[0]}`, 302);
  }
}

/** The common design: one SELECT and one UPDATE for each redirect. */
export class UpdatePerClickServer extends SimpleServer {
  private database: pg.Pool | undefined;

  override async start(): Promise<void> {
    const databaseUrl = await this.around.createDatabase();
    const { codes, urls } = this.around.codes;
    this.database = new pg.Pool({ connectionString: databaseUrl, max: 1 });
    this.database.on('error', () => undefined);
    await this.database.query(
      'CREATE TABLE peer_links (code text PRIMARY KEY, url text NOT NULL, clicks bigint DEFAULT 0)',
    );
    await this.database.query(
      'INSERT INTO peer_links (code, url) SELECT * FROM unnest($1::text[], $2::text[])',
      [codes, urls],
    );
    await this.database.query('VACUUM ANALYZE peer_links');
    await this.launch({ DATABASE_URL: databaseUrl });
  }

  override async countClicks(): Promise<number> {
    const { rows } = await this.database!.query<{ clicks: string }>(
      'SELECT sum(clicks) AS clicks FROM peer_links',
    );
    return Number(rows[0]!.clicks);
  }

  override async vacuum(): Promise<void> {
    await this.database!.query('VACUUM ANALYZE');
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.database?.end();
  }
}
