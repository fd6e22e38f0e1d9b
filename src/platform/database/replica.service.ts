import { setTimeout as sleep } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { DatabaseConfig } from '../../../config/database.config.js';
import { HealthRegistry, type HealthReport } from '../observability/health.registry.js';
import { MetricsService } from '../observability/metrics.service.js';
import { connectionTarget, DatabaseConnection } from './connection.js';
import { DatabaseStatus } from './database-status.js';
import { describeError } from './database-unavailable.js';
import { databaseUnavailable, DatabaseService } from './database.service.js';
import { retryRecoveryConflict } from './recovery-conflict.js';

const CHECK_EVERY_MS = 2_000;
const CHECK_TIMEOUT_MS = 2_000;
const STATEMENT_CONNECTIONS = 4;
const CLOSE_TIMEOUT_MS = 1_000;

/** What tells whether a server has the data of another. */
interface Identity {
  /** Undefined where the service may not ask for it. */
  system: string | undefined;
  database: string;
  startedAt: string;
  isStandby: boolean;
  replayedAt: Date | null;
}

type Query = <Row>(sql: string, parameters?: unknown[]) => Promise<Row[]>;

/**
 * Where statements go that may read what is a little older: to the streaming replica that
 * REPORTS_DATABASE_URL names, if there is one, else to the database itself. What the replica cannot
 * answer fails: the database is to be spared. A server that is no replica of the database, or has an
 * older schema than the code, is not asked: its numbers would be wrong.
 */
@Injectable()
export class ReplicaService implements OnApplicationBootstrap, OnApplicationShutdown {
  /** How the replica is reached or, if there is none, the database. */
  readonly connection: DatabaseConnection;
  private readonly logger = new Logger(ReplicaService.name);
  private readonly stopped = new AbortController();
  private readonly statements: pg.Pool | undefined;
  /** A connection of its own, so that no statement keeps a check waiting. */
  private readonly checks: pg.Pool | undefined;
  private firstCheck: Promise<void> | undefined;
  /** Why the replica is not to be asked. */
  private fault: string | undefined;
  private replayedAt: Date | null = null;
  private primary: Identity | undefined;

  constructor(
    primary: DatabaseConnection,
    config: DatabaseConfig,
    private readonly database: DatabaseService,
    private readonly status: DatabaseStatus,
    @InjectDataSource() private readonly dataSource: DataSource,
    health: HealthRegistry,
    metrics: MetricsService,
  ) {
    this.connection = primary;
    const { reportsUrl: url, connectionTimeoutMs, statementTimeoutMs } = config;
    if (url === undefined) return;
    const target = connectionTarget({ url, connectionTimeoutMs, statementTimeoutMs });
    this.connection = new DatabaseConnection(target, false);
    this.fault = 'it was not asked yet';
    const stream = this.connection.sockets.create;
    this.statements = new pg.Pool({ ...target, max: STATEMENT_CONNECTIONS, stream });
    const limits = { query_timeout: CHECK_TIMEOUT_MS, connectionTimeoutMillis: CHECK_TIMEOUT_MS };
    this.checks = new pg.Pool({ ...target, ...limits, max: 1 });
    // A break shows in the next statement, which is where it is handled.
    for (const pool of [this.statements, this.checks]) pool.on('error', () => undefined);
    health.register('reports', () => this.report());
    const isUp = (): number => (this.fault === undefined ? 1 : 0);
    metrics.gauge({
      name: 'signpost_reports_replica_up',
      help: 'Processes that can read reports from the replica.',
      collect() {
        this.set(isUp());
      },
    });
  }

  onApplicationBootstrap(): void {
    if (!this.checks) return;
    void this.status.whenReady().then(() => {
      this.firstCheck = this.check();
      return this.checkForever();
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped.abort();
    const ended = Promise.all([this.statements?.end(), this.checks?.end()]);
    // On a dead network closing would wait for an answer, too.
    await Promise.race([ended, sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
  }

  /** @throws ProblemError database-unavailable if the replica is not to be asked */
  async insist(): Promise<void> {
    await this.firstCheck;
    if (this.fault !== undefined) throw databaseUnavailable(new Error(this.fault));
  }

  /**
   * Runs a SELECT and returns its rows.
   * @throws ProblemError database-unavailable if the replica is not to be asked
   */
  async query<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    const { statements } = this;
    if (!statements) return this.database.query<Row>(sql, parameters);
    await this.insist();
    const { rows } = await retryRecoveryConflict(() => statements.query(sql, parameters));
    return rows as Row[];
  }

  private async checkForever(): Promise<void> {
    await this.firstCheck;
    while (!this.stopped.signal.aborted) {
      await sleep(CHECK_EVERY_MS, undefined, { signal: this.stopped.signal }).catch(
        () => undefined,
      );
      if (!this.stopped.signal.aborted) await this.check();
    }
  }

  private async check(): Promise<void> {
    const fault = await this.findFault().catch((error: unknown) => {
      return `the replica does not answer: ${describeError(error)}`;
    });
    if (this.stopped.signal.aborted || fault === this.fault) return;
    this.fault = fault;
    this.connection.note(fault === undefined);
    if (fault === undefined) this.logger.log('Reports are read from the replica');
    else this.logger.warn(`Reports are not read from the replica: ${fault}`);
  }

  private async findFault(): Promise<string | undefined> {
    const pool = this.checks!;
    const ask: Query = async <Row>(sql: string, parameters: unknown[] = []) =>
      (await pool.query(sql, parameters)).rows as Row[];
    const [replica, primary] = await Promise.all([identify(ask), this.identifyPrimary()]);
    this.replayedAt = replica.replayedAt;
    if (!primary) return 'the database does not tell which one it is';
    const isOfOther = replica.database !== primary.database || systemsDiffer(replica, primary);
    if (isOfOther) return 'REPORTS_DATABASE_URL leads to another database than DATABASE_URL';
    // What has been promoted follows nobody; unless it is the database itself by now.
    if (!replica.isStandby && replica.startedAt !== primary.startedAt) {
      return 'the server of REPORTS_DATABASE_URL does not follow the database';
    }
    const newest = (this.dataSource.options.migrations as Function[]).at(-1)!.name;
    const found = await ask('SELECT FROM migrations WHERE name = $1', [newest]);
    return found.length > 0 ? undefined : `the replica does not have the migration ${newest} yet`;
  }

  /** While the database does not answer, it is the one that it was. */
  private async identifyPrimary(): Promise<Identity | undefined> {
    const ask: Query = (sql, parameters) => this.dataSource.query(sql, parameters);
    this.primary = await identify(ask).catch(() => this.primary);
    return this.primary;
  }

  private report(): HealthReport {
    const { fault, replayedAt } = this;
    if (fault !== undefined) return { status: 'down', reason: fault };
    // Of a quiet database that is long ago, however soon the replica follows.
    return { status: 'up', ...(replayedAt && { lastChangeAt: replayedAt.toISOString() }) };
  }
}

/** Where one side does not tell, the other proves nothing. */
const systemsDiffer = (one: Identity, other: Identity): boolean =>
  one.system !== undefined && other.system !== undefined && one.system !== other.system;

async function identify(query: Query): Promise<Identity> {
  const [identity] = await query<Omit<Identity, 'system'>>(
    `SELECT oid::text AS database, pg_is_in_recovery() AS "isStandby",
       extract(epoch FROM pg_postmaster_start_time())::text AS "startedAt",
       pg_last_xact_replay_timestamp() AS "replayedAt"
     FROM pg_database WHERE datname = current_database()`,
  );
  return { ...identity!, system: await systemOf(query) };
}

/** Managed services may keep it to themselves. */
async function systemOf(query: Query): Promise<string | undefined> {
  const [{ isAllowed }] = (await query(
    `SELECT has_function_privilege(to_regprocedure('pg_control_system()'), 'EXECUTE') AS "isAllowed"`,
  )) as [{ isAllowed: boolean | null }];
  if (!isAllowed) return undefined;
  const [row] = await query<{ system: string }>(
    'SELECT system_identifier::text AS system FROM pg_control_system()',
  );
  return row!.system;
}
