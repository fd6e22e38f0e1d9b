import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { AuthConfig } from '../../config/auth.config.js';
import { ACCESS_TOKEN, tokenKey, type AccessTokenClaims } from './access-token.js';
import { AuthService } from './auth.service.js';
import type { AuthenticatedUser } from './auth.types.js';

/**
 * Accepts our own access tokens only, and looks the user up each time: whoever is disabled is out
 * at once, not when their token expires.
 */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(
    config: AuthConfig,
    private readonly auth: AuthService,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      // jsonwebtoken gets it as it is, whatever the types say.
      secretOrKey: tokenKey(config.jwtSecret) as unknown as Buffer,
      algorithms: [ACCESS_TOKEN.algorithm],
      issuer: ACCESS_TOKEN.issuer,
      audience: ACCESS_TOKEN.audience,
    });
  }

  validate({ sub }: AccessTokenClaims): Promise<AuthenticatedUser | undefined> {
    return this.auth.authenticate(sub);
  }
}
