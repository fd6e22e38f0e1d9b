import type { DataSourceOptions, MixedList } from 'typeorm';
import type { DatabaseConfig } from '../../../config/database.config.js';
import { PoolSockets } from './pool-sockets.js';
import { TypeOrmLogger } from './typeorm-logger.js';

/** Where the embedded database listens; the fields are those of a `pg` client. */
export interface EmbeddedEndpoint {
  /** The directory of the unix socket, or the loopback address on Windows. */
  host: string;
  port: number;
  user: string;
  database: string;
  password?: string;
}

/**
 * The one definition of how PostgreSQL is reached. It is the configuration of a `pg` client, and
 * plain data, so that a worker thread gets it as `workerData` and makes `new pg.Client(target)`.
 */
export interface ConnectionTarget extends Partial<EmbeddedEndpoint> {
  /** DATABASE_URL as it is: TLS is what its `sslmode` says. Absent for the embedded database. */
  connectionString?: string;
  application_name: string;
  connectionTimeoutMillis: number;
  /** Ends a slow statement in the server … */
  statement_timeout: number;
  /** … and this one in the client, should the server have vanished without a word. */
  query_timeout: number;
  keepAlive: boolean;
  keepAliveInitialDelayMillis: number;
}

type Settings = Pick<DatabaseConfig, 'url' | 'connectionTimeoutMs' | 'statementTimeoutMs'>;

const QUERY_TIMEOUT_GRACE_MS = 5_000;

/** The connection that everything in this process uses. */
export class DatabaseConnection {
  /** Those of the pool of the API. */
  readonly sockets: PoolSockets;
  private readonly watchers: ((answers: boolean) => void)[] = [];

  constructor(
    readonly target: ConnectionTarget,
    /** Whether it leads to the embedded database, which this process starts and stops. */
    readonly embedded: boolean,
    /** Stops the embedded database; its clients should be gone by then. */
    readonly close: () => Promise<void> = async () => undefined,
  ) {
    this.sockets = new PoolSockets(target.query_timeout);
    this.watch((answers) => this.sockets.note(answers));
  }

  /** The watcher is told when PostgreSQL stops answering, and when it answers again. */
  watch(watcher: (answers: boolean) => void): void {
    this.watchers.push(watcher);
  }

  /** Whoever keeps asking PostgreSQL says here what has changed. */
  note(answers: boolean): void {
    for (const watcher of this.watchers) watcher(answers);
  }
}

export function connectionTarget(config: Settings, embedded?: EmbeddedEndpoint): ConnectionTarget {
  return {
    ...(config.url === undefined ? embedded : { connectionString: config.url }),
    application_name: 'signpost',
    connectionTimeoutMillis: config.connectionTimeoutMs,
    statement_timeout: config.statementTimeoutMs,
    query_timeout: config.statementTimeoutMs + QUERY_TIMEOUT_GRACE_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

export interface DataSourceParts {
  poolSize: number;
  /** Who looks after the pool's connections; without one they are left to themselves. */
  sockets?: PoolSockets;
  entities?: MixedList<Function>;
  migrations?: Function[];
}

/** What TypeORM is given: the target goes through `extra`, straight to the `pg` pool. */
export function dataSourceOptions(
  target: ConnectionTarget,
  parts: DataSourceParts,
): Extract<DataSourceOptions, { type: 'postgres' }> {
  return {
    type: 'postgres',
    extra: { ...target, stream: parts.sockets?.create },
    applicationName: target.application_name,
    connectTimeoutMS: target.connectionTimeoutMillis,
    poolSize: parts.poolSize,
    entities: parts.entities ?? [],
    migrations: parts.migrations ?? [],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    installExtensions: false,
    logger: new TypeOrmLogger(),
  };
}
