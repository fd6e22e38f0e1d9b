import { applyDecorators, UseGuards } from '@nestjs/common';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { AdminGuard } from './admin.guard.js';

/** Keeps a route, or every route of a controller, for administrators of the instance: 403 for others. */
export const AdminOnly = (): ClassDecorator & MethodDecorator =>
  applyDecorators(UseGuards(AdminGuard), ApiProblems('unauthenticated', 'forbidden'));
