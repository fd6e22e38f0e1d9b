import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { actAs } from '../common/request-context.js';
import { scopeMissing } from './auth.problems.js';
import type { AuthenticatedUser, Scope } from './auth.types.js';
import { IS_PUBLIC } from './public.decorator.js';
import { REQUIRED_SCOPE } from './require-scope.decorator.js';

/**
 * Stands before every route and asks for a valid access token, unless the route is @Public(), or for an API
 * key with the scope that the route names by @RequireScope.
 */
@Injectable()
export class JwtAuthGuard extends AuthGuard(['api-key', 'jwt']) {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override canActivate(context: ExecutionContext): ReturnType<CanActivate['canActivate']> {
    const open = this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, [
      context.getHandler(),
      context.getClass(),
    ]);
    return open === true || this.enter(context);
  }

  /** The strategy says what is wrong by a problem; a database that is down is no 401. */
  override handleRequest<User>(error: unknown, user: User): User {
    if (error) throw error;
    return user;
  }

  private async enter(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    const { user } = context.switchToHttp().getRequest<{ user: AuthenticatedUser }>();
    actAs({ type: user.scopes ? 'api-key' : 'user', id: user.id });
    if (!user.scopes) return true;
    const scope = this.reflector.get<Scope | undefined>(REQUIRED_SCOPE, context.getHandler());
    if (!scope || !user.scopes.includes(scope)) throw scopeMissing(scope);
    return true;
  }
}
