import { describe, expect, it } from '@jest/globals';
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
    const keys = { knownId: (key: string) => (key === 'sgp_good' ? 'a key' : undefined) };
    new TokenOwnerService(limits, tokens, keys as ApiKeysService).onModuleInit();

    const token = await tokens.sign({ sub: SUB, sid: SUB });
    expect(identify(`bearer ${token}`)).toBe(SUB);
    expect(identify(`Bearer ${token}x`)).toBeUndefined();
    expect(identify(`Basic ${token}`)).toBeUndefined();
    expect(identify('Bearer sgp_good')).toBe('a key');
    expect(identify('Bearer sgp_guess')).toBeUndefined();
    clock.milliseconds += (fakeAuthConfig.accessTokenTtlSeconds + 1) * 1_000;
    expect(identify(`Bearer ${token}`)).toBeUndefined();
  });
});
