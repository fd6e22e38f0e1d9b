import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import {
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
  type HealthIndicatorFunction,
} from '@nestjs/terminus';
import { ProblemError } from '../common/problem/problem.error.js';
import { VERSION } from '../common/version.js';
import { DatabaseStatus } from '../platform/database/database-status.js';
import { HealthRegistry, type HealthReport } from '../platform/observability/health.registry.js';
import { LifecycleService } from '../platform/observability/lifecycle.service.js';
import type { HealthSummary, ProbeResult } from './health.types.js';

const PING_TIMEOUT_MS = 1_000;
/** However often somebody asks, PostgreSQL is asked at most once in this time. */
const PING_CACHE_MS = 500;

type Reports = Record<string, HealthReport>;

/**
 * How this process is. Reasons, versions and the like are for operators only: they name hosts, paths
 * and what PostgreSQL said.
 */
@Injectable()
export class HealthService {
  constructor(
    private readonly terminus: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly registry: HealthRegistry,
    private readonly lifecycle: LifecycleService,
    private readonly database: DatabaseStatus,
  ) {}

  /** Whether the event loop turns. It looks at nothing else: a restart would not repair it. */
  live(isForOperator: boolean): Promise<ProbeResult> {
    return this.probe([], isForOperator);
  }

  /**
   * Whether to send traffic here: from the first time that the schema is complete, also while the
   * database is down, because cached links redirect without it; until the process is told to stop.
   */
  ready(isForOperator: boolean): Promise<ProbeResult> {
    const indicators = [
      () => ({ process: this.processReport(), database: this.schemaReport() }),
      async () => {
        const reports = Object.entries(await this.registry.reports());
        return Object.fromEntries(reports.filter(([, report]) => report.affectsReadiness));
      },
    ];
    return this.probe(indicators, isForOperator);
  }

  /** Whether the process has done what it can do alone; waiting for PostgreSQL is not starting. */
  startup(isForOperator: boolean): Promise<ProbeResult> {
    const { state, lastError } = this.database;
    const isStarting = state === 'migrating' || (state === 'connecting' && !lastError);
    const report: HealthReport = isStarting
      ? { status: 'down', reason: `the database is ${state}` }
      : { status: 'up' };
    return this.probe([() => ({ startup: report })], isForOperator);
  }

  async summary(isForOperator: boolean): Promise<HealthSummary> {
    const [database, reports] = await Promise.all([this.databaseReport(), this.registry.reports()]);
    const checks = { process: this.processReport(), database, ...reports };
    const isHealthy = Object.values(checks).every((check) => check.status === 'up');
    const status = isHealthy ? 'healthy' : 'degraded';
    if (!isForOperator) return { status, checks: withoutDetails(checks) };
    const uptimeSeconds = Math.round(process.uptime());
    return { status, uptimeSeconds, version: VERSION, checks };
  }

  /** Lets Terminus judge, and names every reason, or every check, when the answer is no. */
  private async probe(
    indicators: HealthIndicatorFunction[],
    isForOperator: boolean,
  ): Promise<ProbeResult> {
    try {
      const details = (await this.terminus.check(indicators)).details as Reports;
      return { status: 'ok', details: isForOperator ? details : withoutDetails(details) };
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      throw notReady(error.getResponse() as HealthCheckResult, isForOperator);
    }
  }

  private processReport(): HealthReport {
    // Which of the workers on this port has answered.
    const { pid } = process;
    if (!this.lifecycle.isStopping) return { status: 'up', pid };
    return { status: 'down', reason: 'the process is shutting down', pid };
  }

  private schemaReport(): HealthReport {
    const { state, pendingMigrations, lastError } = this.database;
    if (state === 'ready') return { status: 'up' };
    const pending = pendingMigrations.length > 0 && { pendingMigrations: [...pendingMigrations] };
    return { status: 'down', reason: lastError ?? `the database is ${state}`, ...pending };
  }

  private async databaseReport(): Promise<HealthReport> {
    const schema = this.schemaReport();
    if (schema.status === 'down') return schema;
    const { ping } = await this.indicators
      .check('ping')
      .attempt(async () => {
        if (!(await this.database.ping(PING_TIMEOUT_MS))) throw new Error('no answer');
      })
      .cacheFor(PING_CACHE_MS);
    if (ping.status === 'up') return { status: 'up', responseTimeMs: ping['responseTime'] };
    const { lastRefusal, isPoolExhausted } = this.database;
    const why =
      lastRefusal === undefined ? `within ${PING_TIMEOUT_MS} ms` : `queries: ${lastRefusal}`;
    const busy = isPoolExhausted ? '; all connections of the pool are busy' : '';
    return { status: 'down', reason: `PostgreSQL does not answer ${why}${busy}` };
  }
}

/** What strangers may know of each check: that it is up or not. */
function withoutDetails(reports: Reports): Reports {
  const entries = Object.entries(reports).map(([name, { status }]) => [name, { status }]);
  return Object.fromEntries(entries) as Reports;
}

function notReady({ error, status }: HealthCheckResult, isForOperator: boolean): ProblemError {
  const reasons = Object.entries(error ?? {}).map(([name, report]) => {
    const { status: is, reason = is } = report as HealthReport;
    return `${name}: ${isForOperator ? reason : is}`;
  });
  if (reasons.length === 0) reasons.push(status);
  return new ProblemError('not-ready', {
    detail: `${reasons.join('; ')}.`,
    headers: { 'retry-after': '1' },
  });
}
