import { createSecretKey, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { AuthConfig } from '../../config/auth.config.js';
import { Clock } from '../common/clock.js';
import { invalidToken } from './auth.problems.js';

const ALGORITHM = 'HS256';
const ISSUER = 'signpost';
const AUDIENCE = 'signpost-api';
/** By how much the clock of the process that signed may be ahead of ours. */
const CLOCK_SKEW_SECONDS = 10;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whose token it is, and of which session: nothing that may change. */
export interface AccessTokenClaims {
  sub: string;
  sid: string;
}

/** Signs access tokens (JWT), and accepts only what it could have signed itself. */
@Injectable()
export class AccessTokens {
  private readonly jwt: JwtService;

  constructor(
    config: AuthConfig,
    private readonly clock: Clock,
  ) {
    this.jwt = new JwtService({
      // As a string it would be tried as a public key first, each time, for half a millisecond.
      secret: createSecretKey(Buffer.from(config.jwtSecret)),
      signOptions: {
        algorithm: ALGORITHM,
        issuer: ISSUER,
        audience: AUDIENCE,
        expiresIn: config.accessTokenTtlSeconds,
      },
      verifyOptions: { algorithms: [ALGORITHM], issuer: ISSUER, audience: AUDIENCE },
    });
  }

  sign({ sub, sid }: AccessTokenClaims): Promise<string> {
    return this.jwt.signAsync({ sub, sid, jti: randomUUID(), iat: this.seconds() });
  }

  /** @throws ProblemError unauthenticated, whatever is wrong with the token */
  verify(token: string): AccessTokenClaims {
    const { header, payload } = this.decode(token);
    // No extension is known here, so each that the token calls critical must be refused (RFC 7515).
    if (Object.hasOwn(header, 'crit') || !this.areOurs(payload)) throw invalidToken();
    return payload;
  }

  private decode(token: string): { header: object; payload: Record<string, unknown> } {
    try {
      return this.jwt.verify(token, { complete: true, clockTimestamp: this.seconds() });
    } catch (error) {
      // Not only its own errors: it stumbles over a signed payload of `null`.
      const expired = error instanceof Error && error.name === 'TokenExpiredError';
      throw invalidToken(expired ? 'The access token has expired. Refresh it.' : undefined);
    }
  }

  /** Whether all is there that jsonwebtoken holds for optional. */
  private areOurs(
    payload: Record<string, unknown>,
  ): payload is Record<string, unknown> & AccessTokenClaims {
    const { sub, sid, iat, exp } = payload;
    return (
      isUuid(sub) &&
      isUuid(sid) &&
      Number.isInteger(exp) &&
      Number.isInteger(iat) &&
      (iat as number) <= this.seconds() + CLOCK_SKEW_SECONDS
    );
  }

  private seconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }
}

const isUuid = (value: unknown): boolean => typeof value === 'string' && UUID.test(value);
