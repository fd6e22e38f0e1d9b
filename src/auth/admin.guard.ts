import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ProblemError } from '../common/problem/problem.error.js';
import type { AuthenticatedUser } from './auth.types.js';

/** Lets administrators of the instance pass; it stands behind the guard that knows the user. */
@Injectable()
export class AdminGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { user } = context.switchToHttp().getRequest<{ user?: AuthenticatedUser }>();
    if (user?.role === 'admin') return true;
    throw new ProblemError('forbidden', {
      detail: 'Only administrators of this instance may do this.',
    });
  }
}
