import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport';
import { missingToken } from './auth.problems.js';
import type { AuthenticatedUser } from './auth.types.js';
import { bearerToken } from './bearer-token.js';
import { SessionsService } from './sessions.service.js';

/** Of a request what the strategy reads. */
interface BearerRequest {
  headers: { authorization?: string };
}

/**
 * Takes the token out of `Authorization: Bearer …` (RFC 6750 §2.1). Not passport-jwt, whose pattern for
 * the header takes quadratic time.
 */
class BearerStrategy extends Strategy {
  constructor(
    private readonly verify: (
      token: string,
      done: (error: unknown, user: AuthenticatedUser | null) => void,
    ) => void,
  ) {
    super();
  }

  override authenticate({ headers: { authorization = '' } }: BearerRequest): void {
    const token = bearerToken(authorization);
    if (token === undefined) return this.error(missingToken());
    this.verify(token, (error, user) => (error ? this.error(error) : this.success(user!)));
  }
}

/** Accepts access tokens of sessions that have not ended, of users who are not disabled. */
@Injectable()
export class JwtStrategy extends PassportStrategy(BearerStrategy, 'jwt') {
  constructor(private readonly sessions: SessionsService) {
    super();
  }

  /** @throws ProblemError unauthenticated */
  validate(token: string): Promise<AuthenticatedUser> {
    return this.sessions.authenticate(token);
  }
}
