import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ProblemError } from '../common/problem/problem.error.js';
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
    this.limits.identifyBy((authorization, isWorthAQuery) =>
      isWorthAQuery ? this.findOwner(authorization) : this.ownerOf(authorization),
    );
  }

  /** The same for a key that was not used here before; then the database is asked. */
  private async findOwner(authorization: string): Promise<string | undefined> {
    const token = bearerToken(authorization);
    const owner = this.ownerOf(authorization);
    if (owner !== undefined || !token?.startsWith(API_KEY_PREFIX)) return owner;
    try {
      return (await this.keys.authenticate(token)).id;
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'unauthenticated') return undefined;
      throw error;
    }
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
