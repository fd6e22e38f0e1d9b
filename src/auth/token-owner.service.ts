import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ApiLimitService } from '../rate-limits/api-limit.service.js';
import { AccessTokens } from './access-tokens.js';
import { bearerToken } from './bearer-token.js';

/**
 * Lets the limit of the API count for users. Only the signature is looked at, which costs no query: a
 * token of a session that has ended counts for its user still.
 */
@Injectable()
export class TokenOwnerService implements OnModuleInit {
  constructor(
    private readonly limits: ApiLimitService,
    private readonly tokens: AccessTokens,
  ) {}

  onModuleInit(): void {
    this.limits.identifyBy((authorization) => this.ownerOf(authorization));
  }

  /** Undefined for a token that is none of ours: it counts for the address that has sent it. */
  ownerOf(authorization: string): string | undefined {
    const token = bearerToken(authorization);
    if (token === undefined) return undefined;
    try {
      return this.tokens.verify(token).sub;
    } catch {
      return undefined;
    }
  }
}
