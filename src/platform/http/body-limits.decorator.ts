import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtension } from '@nestjs/swagger';

/** How large the body of a request may be. */
export interface BodyLimits {
  /** Its size; at most BODY_LIMIT_BYTES, which is also the limit if this is absent … */
  bytes?: number;
  /** … unless it may be larger than that: then it is read only of somebody who has proved who they are. */
  isLarge?: boolean;
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
export const LimitBody = ({ isLarge, ...limits }: BodyLimits): MethodDecorator =>
  applyDecorators(
    RouteConfig({ bodyLimits: { ...limits, isLarge } }),
    ApiExtension('x-body-limits', limits),
  );
