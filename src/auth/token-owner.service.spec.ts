import { describe, expect, it } from '@jest/globals';
import { ProblemError } from '../common/problem/problem.error.js';
import type { ApiLimitService, Identify } from '../rate-limits/api-limit.service.js';
import { AccessTokens } from './access-tokens.js';
import type { ApiKeysService } from './api-keys.service.js';
import { fakeAuthConfig, FakeClock } from './accounts.fake.js';
import { TokenOwnerService } from './token-owner.service.js';

const SUB = '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d';

describe(TokenOwnerService.name, () => {
  it('lets requests count for the user of their token, and for nobody that they only claim', async () => {
    const clock = new FakeClock();
    const tokens = new AccessTokens(fakeAuthConfig, clock);
    let identify: Identify = () => undefined;
    const limits = {
      identifyBy: (given: Identify) => {
        identify = given;
      },
    } as ApiLimitService;
    const keys = {
      knownId: (key: string) => (key === 'sgp_good' ? 'a key' : undefined),
      authenticate: async (key: string) => {
        if (key !== 'sgp_new') throw new ProblemError('unauthenticated');
        return { id: 'a new key' };
      },
    } as unknown as ApiKeysService;
    new TokenOwnerService(limits, tokens, keys).onModuleInit();

    const token = await tokens.sign({ sub: SUB, sid: SUB });
    expect(identify(`bearer ${token}`, false)).toBe(SUB);
    expect(identify(`Bearer ${token}x`, false)).toBeUndefined();
    expect(identify(`Basic ${token}`, false)).toBeUndefined();
    expect(identify('Bearer sgp_good', false)).toBe('a key');
    expect(identify('Bearer sgp_guess', false)).toBeUndefined();
    expect(identify('Bearer sgp_new', false)).toBeUndefined();
    expect(await identify('Bearer sgp_new', true)).toBe('a new key');
    expect(await identify('Bearer sgp_guess', true)).toBeUndefined();
    clock.milliseconds += (fakeAuthConfig.accessTokenTtlSeconds + 1) * 1_000;
    expect(identify(`Bearer ${token}`, false)).toBeUndefined();
  });
});
