import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { Scope } from './auth.types.js';

/** Where `@RequireScope` leaves its scope. */
export const REQUIRED_SCOPE = 'required-scope';

/**
 * Opens a route to API keys that have the scope. Without it a route is for users alone; to them scopes are
 * no matter.
 */
export const RequireScope = (scope: Scope): MethodDecorator =>
  applyDecorators(SetMetadata(REQUIRED_SCOPE, scope), ApiExtension('x-required-scope', scope));
