import { createHmac, hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { AuthConfig } from '../../config/auth.config.js';
import { RateLimitsConfig } from '../../config/rate-limits.config.js';
import { MetricsService } from '../platform/observability/metrics.service.js';
import { quotaExceeded } from './rate-limits.problems.js';
import { RateLimitsRepository } from './rate-limits.repository.js';
import type { Allowance, PolicyName } from './rate-limits.types.js';

const MINUTE = 60;
const HOUR = 3_600;
/** The insurance sets a timer for it, and 24 days are too long for one. */
const TWO_WEEKS = 14 * 24 * HOUR;

/**
 * Counts in windows of fixed length, for all processes together. Who has exceeded a limit is remembered
 * in memory until the window is over, so that more of the same does not reach the database. While the
 * database does not answer each process counts by itself, and nothing fails.
 */
@Injectable()
export class RateLimitsService {
  private readonly limiters: Record<PolicyName, RateLimiterPostgres | undefined>;
  private readonly familiar: RateLimiterPostgres;
  private readonly secret: Uint8Array;
  private readonly limited: Counter<'policy'>;

  constructor(
    config: RateLimitsConfig,
    auth: AuthConfig,
    private readonly repository: RateLimitsRepository,
    metrics: MetricsService,
  ) {
    this.limiters = {
      api: this.limiter('api', config.apiPerMinute, MINUTE),
      login: this.limiter('login', config.failedLoginsPerMinute, MINUTE),
      'login-address': this.limiter('login-address', config.failedLoginsPerMinute * 10, MINUTE),
      'login-account': this.limiter('login-account', config.failedLoginsPerMinute * 10, MINUTE),
      registration: this.limiter('registration', config.registrationsPerHour, HOUR),
      'link-password': this.limiter('link-password', config.wrongLinkPasswordsPerMinute, MINUTE),
      'link-password-address': this.limiter(
        'link-password-address',
        config.wrongLinkPasswordsPerMinute * 10,
        MINUTE,
      ),
      'link-password-link': this.limiter(
        'link-password-link',
        config.wrongLinkPasswordsPerMinute * 10,
        MINUTE,
      ),
      'unknown-codes': this.limiter('unknown-codes', config.unknownCodesPerMinute, MINUTE),
    };
    this.familiar = this.limiter('familiar', 1, TWO_WEEKS)!;
    this.secret = new Uint8Array(hkdfSync('sha256', auth.jwtSecret, '', 'rate limits', 32));
    this.limited = metrics.counter({
      name: 'signpost_rate_limited_total',
      help: 'Requests refused because a rate limit was exceeded, by policy.',
      labelNames: ['policy'],
    });
    for (const policy of Object.keys(this.limiters)) this.limited.inc({ policy }, 0);
  }

  /**
   * Counts one, and tells what is left; undefined if there is no such limit.
   * @param subject whom it counts for; only a keyed hash of it is stored
   * @throws ProblemError quota-exceeded if there was nothing left
   */
  async consume(policy: PolicyName, subject: string): Promise<Allowance | undefined> {
    const limiter = this.limiters[policy];
    if (!limiter) return undefined;
    try {
      return allowance(policy, limiter, await limiter.consume(this.keyOf(subject)));
    } catch (error) {
      throw this.refusal(policy, limiter, error);
    }
  }

  /** Counts one of those that have been let in already. */
  async count(policy: PolicyName, subject: string): Promise<void> {
    await this.limiters[policy]?.consume(this.keyOf(subject)).catch(unlessExceeded);
  }

  /**
   * Counts nothing.
   * @throws ProblemError quota-exceeded if there is nothing left
   */
  async insistOnRest(policy: PolicyName, subject: string): Promise<void> {
    const limiter = this.limiters[policy];
    const used = await limiter?.get(this.keyOf(subject));
    if (limiter && used && used.remainingPoints <= 0) throw this.refusal(policy, limiter, used);
  }

  /** Whether this was noted in the last two weeks. */
  async isFamiliar(subject: string): Promise<boolean> {
    return (await this.familiar.get(this.keyOf(subject))) !== null;
  }

  async noteFamiliar(subject: string): Promise<void> {
    await this.familiar.set(this.keyOf(subject), 1, TWO_WEEKS);
  }

  private limiter(name: string, points: number, seconds: number): RateLimiterPostgres | undefined {
    if (points === 0) return undefined;
    const window = { keyPrefix: name, points, duration: seconds };
    return new RateLimiterPostgres({
      ...window,
      storeClient: this.repository,
      storeType: 'pool',
      tableName: 'rate_limits',
      tableCreated: true,
      clearExpiredByTimeout: false,
      inMemoryBlockOnConsumed: points + 1,
      insuranceLimiter: new RateLimiterMemory(window),
    });
  }

  /** An address has few possible values, so a hash without a key would tell it. */
  private keyOf(subject: string): string {
    return createHmac('sha256', this.secret).update(subject).digest('base64url').slice(0, 22);
  }

  private refusal(policy: PolicyName, limiter: RateLimiterPostgres, reason: unknown): unknown {
    if (!(reason instanceof RateLimiterRes)) return reason;
    this.limited.inc({ policy });
    return quotaExceeded({ ...allowance(policy, limiter, reason), remaining: 0 });
  }
}

const allowance = (
  policy: PolicyName,
  { points, duration }: RateLimiterPostgres,
  { remainingPoints, msBeforeNext }: RateLimiterRes,
): Allowance => ({
  policy,
  quota: points,
  windowSeconds: duration,
  remaining: remainingPoints,
  resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1_000)),
});

function unlessExceeded(reason: unknown): void {
  if (!(reason instanceof RateLimiterRes)) throw reason;
}
