import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { RequireScope } from '../auth/require-scope.decorator.js';
import { isScope, rolesFor } from './permissions.js';
import { ACTION, RoleGuard } from './role.guard.js';
import type { Action } from './workspaces.types.js';

/**
 * Lets only those members use a route that may do this in the workspace `:id` of its path: a 404 for others,
 * a 403 for members whose role is too low.
 */
export const RequireRole = (action: Action): MethodDecorator =>
  applyDecorators(SetMetadata(ACTION, action), UseGuards(RoleGuard), ApiRole(action));

/**
 * Shows in the OpenAPI document which roles may use a route, and opens it to API keys with the scope. Roles are
 * not checked: it is for routes whose workspace is not in the path, where the service asks the same table.
 */
export const ApiRole = (action: Action): MethodDecorator =>
  applyDecorators(
    ApiExtension('x-required-permission', action),
    ApiExtension('x-required-role', [...rolesFor(action)]),
    ...(isScope(action) ? [RequireScope(action)] : []),
  );
