import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtension } from '@nestjs/swagger';

/** How large the body of a request may be. */
export interface BodyLimits {
  /** Its size; at most BODY_LIMIT_BYTES, which is also the limit if this is absent. */
  bytes?: number;
  /** All members of objects and elements of lists, nested ones included; MAX_VALUES if absent. */
  values?: number;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    bodyLimits?: BodyLimits;
  }
}

/** Gives a route its own limits for the body, and says so in the OpenAPI document. */
export const LimitBody = (limits: BodyLimits): MethodDecorator =>
  applyDecorators(RouteConfig({ bodyLimits: limits }), ApiExtension('x-body-limits', limits));
