import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AuthenticatedUser } from './auth.types.js';

/** The handler parameter that receives the AuthenticatedUser; only for routes that are not @Public(). */
export const CurrentUser = createParamDecorator(
  (_data: undefined, context: ExecutionContext): AuthenticatedUser =>
    context.switchToHttp().getRequest<{ user: AuthenticatedUser }>().user,
);
