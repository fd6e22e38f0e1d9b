import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { missingToken } from './auth.problems.js';
import type { AuthenticatedUser } from './auth.types.js';
import { IS_PUBLIC } from './public.decorator.js';
import { SessionsService } from './sessions.service.js';

interface GuardedRequest {
  headers: { authorization?: string };
  user?: AuthenticatedUser;
}

/**
 * Stands before every route and asks for a valid access token, unless the route is @Public(). An
 * error (the database is down, say) stays what it is: only a refused token is a 401.
 */
@Injectable()
export class JwtAuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: SessionsService,
  ) {}

  canActivate(context: ExecutionContext): true | Promise<true> {
    const open = this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, [
      context.getHandler(),
      context.getClass(),
    ]);
    return open === true || this.authenticate(context.switchToHttp().getRequest());
  }

  private async authenticate(request: GuardedRequest): Promise<true> {
    const { authorization = '' } = request.headers;
    if (!/^bearer\s/i.test(authorization)) throw missingToken();
    request.user = await this.sessions.authenticate(authorization.slice('bearer '.length).trim());
    return true;
  }
}
