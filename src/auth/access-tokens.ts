import { createSecretKey, hkdfSync, randomUUID } from 'node:crypto';
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

/**
 * Signs access tokens (JWT), and accepts only what it could have signed itself, now or with a previous
 * secret. A token names its key (`kid`), so that each is tried against one key only.
 */
@Injectable()
export class AccessTokens {
  /** By key id. */
  private readonly keys: ReadonlyMap<string, JwtService>;
  private readonly currentKeyId: string;

  constructor(
    config: AuthConfig,
    private readonly clock: Clock,
  ) {
    const secrets = [config.jwtSecret, ...config.jwtPreviousSecrets];
    this.keys = new Map(
      secrets.map((secret) => [keyIdOf(secret), keyOf(secret, config.accessTokenTtlSeconds)]),
    );
    this.currentKeyId = keyIdOf(config.jwtSecret);
  }

  sign({ sub, sid }: AccessTokenClaims): Promise<string> {
    const claims = { sub, sid, jti: randomUUID(), iat: this.seconds() };
    return this.keys.get(this.currentKeyId)!.signAsync(claims);
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
      const key = this.keys.get(keyIdIn(token) ?? this.currentKeyId);
      if (!key) throw invalidToken();
      return key.verify(token, { complete: true, clockTimestamp: this.seconds() });
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

function keyOf(secret: string, expiresIn: number): JwtService {
  return new JwtService({
    // As a string it would be tried as a public key first, each time, for half a millisecond.
    secret: createSecretKey(Buffer.from(secret)),
    signOptions: {
      algorithm: ALGORITHM,
      keyid: keyIdOf(secret),
      issuer: ISSUER,
      audience: AUDIENCE,
      expiresIn,
    },
    verifyOptions: { algorithms: [ALGORITHM], issuer: ISSUER, audience: AUDIENCE },
  });
}

/** Tells a secret from others, and nothing about it. */
const keyIdOf = (secret: string): string =>
  Buffer.from(hkdfSync('sha256', secret, '', 'signpost/auth/key-id/v1', 8)).toString('hex');

/** Undefined if it names none: it is then tried against the current secret. */
const keyIdIn = (token: string): string | undefined =>
  (JSON.parse(Buffer.from(token.split('.', 1)[0]!, 'base64url').toString()) as { kid?: string })
    .kid;

const isUuid = (value: unknown): boolean => typeof value === 'string' && UUID.test(value);
