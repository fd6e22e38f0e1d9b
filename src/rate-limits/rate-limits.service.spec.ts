import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { AuthConfig } from '../../config/auth.config.js';
import type { ProblemError } from '../common/problem/problem.error.js';
import { MetricsService } from '../platform/observability/metrics.service.js';
import type { RateLimitsRepository } from './rate-limits.repository.js';
import { RateLimitsService } from './rate-limits.service.js';

/** One row, as PostgreSQL would count it in one window; or nothing at all while it is down. */
class FakeStore {
  readonly keys: unknown[] = [];
  isDown = false;
  private points = 0;

  query = async ({ values }: { values: unknown[] }) => {
    this.keys.push(values[0]);
    if (this.isDown) throw new Error('the database is down');
    this.points += values[1] as number;
    return { rows: [{ points: this.points, expire: String(Date.now() + 30_500) }], rowCount: 1 };
  };
}

function limitsOn(store: FakeStore, apiPerMinute = 3): RateLimitsService {
  return new RateLimitsService(
    {
      apiPerMinute,
      failedLoginsPerMinute: 3,
      registrationsPerHour: 3,
      wrongLinkPasswordsPerMinute: 3,
      unknownCodesPerMinute: 3,
    },
    { jwtSecret: 'a secret that only the tests know' } as AuthConfig,
    store as unknown as RateLimitsRepository,
    new MetricsService(),
  );
}

describe(RateLimitsService.name, () => {
  let store: FakeStore;
  let limits: RateLimitsService;

  beforeEach(() => {
    jest.useFakeTimers({ now: 1_764_000_000_000 });
    store = new FakeStore();
    limits = limitsOn(store);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const consume = (): Promise<number | undefined | ProblemError> =>
    limits.consume('api', 'ada').then(
      (allowance) => allowance?.remaining,
      (problem: ProblemError) => problem,
    );

  it('tells what is left, then refuses and says when there is something again', async () => {
    expect(await limits.consume('api', 'ada')).toEqual({
      policy: 'api',
      quota: 3,
      windowSeconds: 60,
      remaining: 2,
      resetSeconds: 31,
    });
    expect([await consume(), await consume()]).toEqual([1, 0]);
    expect(await consume()).toMatchObject({
      code: 'quota-exceeded',
      violatedPolicies: ['api'],
      headers: {
        'retry-after': '31',
        'ratelimit-policy': '"api";q=3;w=60',
        ratelimit: '"api";r=0;t=31',
      },
    });
  });

  it('asks the database no more about whoever has exceeded a limit', async () => {
    for (let n = 0; n < 10; n += 1) await consume();
    expect(store.keys).toHaveLength(4);
  });

  it('counts by itself while the database is down, in windows that end', async () => {
    store.isDown = true;
    expect([await consume(), await consume(), await consume()]).toEqual([2, 1, 0]);
    expect(await consume()).toMatchObject({ code: 'quota-exceeded' });
    jest.advanceTimersByTime(60_000);
    expect(await consume()).toBe(2);
  });

  it('does not limit what is set to 0', async () => {
    limits = limitsOn(store, 0);
    for (let n = 0; n < 10; n += 1) expect(await consume()).toBeUndefined();
    expect(store.keys).toEqual([]);
  });

  it('hands the database a hash, and nothing else of whom it counts', async () => {
    await limits.consume('api', '192.0.2.1');
    expect(store.keys).toEqual([expect.stringMatching(/^api:[\w-]{22}$/)]);
  });
});
