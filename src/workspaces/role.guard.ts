import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AuthenticatedUser } from '../auth/auth.types.js';
import type { Action } from './workspaces.types.js';
import { WorkspacesService } from './workspaces.service.js';

/** Where `@RequireRole` leaves its action. */
export const ACTION = 'workspace-action';

/**
 * Asks the table of permissions, for the workspace that the path names; it stands behind the guard that
 * knows the user. What an administrator of the instance may do is no matter here.
 */
@Injectable()
export class RoleGuard implements CanActivate {
  constructor(
    private readonly workspaces: WorkspacesService,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const action = this.reflector.get<Action>(ACTION, context.getHandler());
    const { user, params } = context
      .switchToHttp()
      .getRequest<{ user: AuthenticatedUser; params: { id: string } }>();
    await this.workspaces.require(user.id, params.id, action);
    return true;
  }
}
