import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtension } from '@nestjs/swagger';

/** How large the body of a request may be. */
export interface BodyLimits {
  /** Its size; at most BODY_LIMIT_BYTES, which is also the limit if this is absent. */
  bytes?: number;
  /** All members of objects and elements of lists, nested ones included; MAX_VALUES if absent. */
  values?: number;
  /**
   * Whether the body may also be a file (application/octet-stream), which the handler reads itself, and
   * bounds: no byte of it is read before guards have let the request in.
   */
  isFile?: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    bodyLimits?: BodyLimits;
  }
}

/** Gives a route its own limits for the body, and says so in the OpenAPI document. */
export const LimitBody = (limits: BodyLimits): MethodDecorator =>
  applyDecorators(RouteConfig({ bodyLimits: limits }), ApiExtension('x-body-limits', limits));
