import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { invalidToken, missingToken } from './auth.problems.js';
import { IS_PUBLIC } from './public.decorator.js';

/** Stands before every route and asks for a valid access token, unless the route is @Public(). */
@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override canActivate(context: ExecutionContext): ReturnType<CanActivate['canActivate']> {
    const open = this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, [
      context.getHandler(),
      context.getClass(),
    ]);
    return open === true || super.canActivate(context);
  }

  /** An error (the database is down, say) stays what it is: only a refused token is a 401. */
  override handleRequest<User>(
    error: unknown,
    user: User | false | undefined,
    refusal: unknown,
    context: ExecutionContext,
  ): User {
    if (error) throw error;
    if (user) return user;
    const { headers } = context
      .switchToHttp()
      .getRequest<{ headers: { authorization?: string } }>();
    if (!/^bearer\s/i.test(headers.authorization ?? '')) throw missingToken();
    const expired = refusal instanceof Error && refusal.name === 'TokenExpiredError';
    throw invalidToken(expired ? 'The access token has expired. Refresh it.' : undefined);
  }
}
