import { IsDefined } from 'class-validator';
import { IntegerFrom, PostgresUrl, TrueOrFalse } from './expectations.js';
import { Setting } from './setting.decorator.js';

export class DatabaseConfig {
  @Setting('DATABASE_URL', {
    description:
      'PostgreSQL 14 or newer. Without it an embedded PostgreSQL keeps its data in DATA_DIR.',
    secret: true,
    required: 'in production',
    example: 'postgres://signpost:password@localhost:5432/signpost',
  })
  @IsDefined({
    groups: ['production'],
    message: 'must be set in production, to a postgres:// or postgresql:// URL',
  })
  @PostgresUrl()
  readonly url?: string;

  @Setting('REPORTS_DATABASE_URL', {
    description:
      'A streaming replica of that PostgreSQL, which reports and lists of clicks are read from, so that the database is spared them. They are as old as the replica is behind, and 503 while it is away.',
    secret: true,
    example: 'postgres://signpost:password@replica:5432/signpost',
  })
  @PostgresUrl()
  readonly reportsUrl?: string;

  @Setting('DATABASE_POOL_SIZE', {
    description:
      'Most connections of the API of each process. Redirects, reports and ingestion have up to eight more.',
    unit: 'connections',
    default: 10,
  })
  @IntegerFrom(1, 1_000)
  readonly poolSize: number;

  @Setting('DATABASE_CONNECTION_TIMEOUT_MS', {
    description: 'How long to wait for a connection before giving up.',
    unit: 'milliseconds',
    default: 2_000,
  })
  @IntegerFrom(100, 60_000)
  readonly connectionTimeoutMs: number;

  @Setting('DATABASE_STATEMENT_TIMEOUT_MS', {
    description: 'The database cancels statements that run longer.',
    unit: 'milliseconds',
    default: 10_000,
  })
  @IntegerFrom(100, 3_600_000)
  readonly statementTimeoutMs: number;

  @Setting('MIGRATE_ON_START', {
    description: 'Apply pending migrations at start; otherwise `npm run migrate` does it.',
    derivedDefault:
      'true in development and test and for the embedded database, false in staging and production',
    example: 'true',
  })
  @TrueOrFalse()
  readonly migrateOnStart: boolean;
}
