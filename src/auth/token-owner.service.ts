import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ApiLimitService } from '../rate-limits/api-limit.service.js';
import { AccessTokens } from './access-tokens.js';
import { API_KEY_PREFIX } from './api-key.js';
import { ApiKeysService } from './api-keys.service.js';
import { bearerToken } from './bearer-token.js';

/**
 * Lets the limit of the API count for users and API keys, without a query: of a token only the signature is
 * looked at, so that one of a session that has ended counts for its user still, and a key is known once it
 * was good.
 */
@Injectable()
export class TokenOwnerService implements OnModuleInit {
  constructor(
    private readonly limits: ApiLimitService,
    private readonly tokens: AccessTokens,
    private readonly keys: ApiKeysService,
  ) {}

  onModuleInit(): void {
    this.limits.identifyBy((authorization) => this.ownerOf(authorization));
  }

  /** Undefined for a token that is none of ours: it counts for the address that has sent it. */
  ownerOf(authorization: string): string | undefined {
    const token = bearerToken(authorization);
    if (token === undefined) return undefined;
    if (token.startsWith(API_KEY_PREFIX)) return this.keys.knownId(token);
    try {
      return this.tokens.verify(token).sub;
    } catch {
      return undefined;
    }
  }
}
