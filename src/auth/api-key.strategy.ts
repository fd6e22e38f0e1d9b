import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport';
import { API_KEY_PREFIX } from './api-key.js';
import { ApiKeysService } from './api-keys.service.js';
import type { AuthenticatedUser } from './auth.types.js';
import { bearerToken } from './bearer-token.js';

/** Of a request what the strategy reads. */
interface BearerRequest {
  headers: { authorization?: string };
}

/** Takes a key out of `Authorization: Bearer sgp_…`; whatever else stands there is for the next strategy. */
class KeyStrategy extends Strategy {
  constructor(
    private readonly verify: (
      key: string,
      done: (error: unknown, user: AuthenticatedUser | null) => void,
    ) => void,
  ) {
    super();
  }

  override authenticate({ headers: { authorization = '' } }: BearerRequest): void {
    const key = bearerToken(authorization);
    if (!key?.startsWith(API_KEY_PREFIX)) return this.fail(401);
    this.verify(key, (error, user) => (error ? this.error(error) : this.success(user!)));
  }
}

/** Accepts keys that have neither expired nor been revoked. */
@Injectable()
export class ApiKeyStrategy extends PassportStrategy(KeyStrategy, 'api-key') {
  constructor(private readonly keys: ApiKeysService) {
    super();
  }

  /** @throws ProblemError unauthenticated */
  validate(key: string): Promise<AuthenticatedUser> {
    return this.keys.authenticate(key);
  }
}
