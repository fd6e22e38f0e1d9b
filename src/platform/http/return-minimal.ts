import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';

const RETURNS_MINIMAL = 'returns-minimal';

const PREFER = {
  name: 'Prefer',
  required: false,
  description:
    'With `return=minimal` the answer has no body (RFC 7240), and says so in `Preference-Applied`; 200 ' +
    'becomes 204. `ETag` and `Location` are there all the same.',
  schema: { type: 'string' },
  example: 'return=minimal',
} as const;

/** For operations that answer with what was written: who prefers it gets no body. */
export const ReturnsMinimal = (): MethodDecorator =>
  applyDecorators(SetMetadata(RETURNS_MINIMAL, true), ApiHeader(PREFER));

/** Whether a Prefer header (RFC 7240) asks for an answer that is as short as possible. */
export const prefersMinimal = (prefer: string | string[] | undefined): boolean =>
  /(^|[,;])\s*return\s*=\s*"?minimal"?\s*($|[,;])/i.test(String(prefer ?? ''));

/**
 * Leaves the body away where that is preferred. Outside of everything else: what is stored for an
 * Idempotency-Key is the whole answer.
 */
@Injectable()
export class ReturnMinimalInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const { prefer } = http.getRequest<FastifyRequest>().headers;
    if (prefer === undefined || !prefersMinimal(prefer)) return next.handle();
    if (!this.reflector.get<boolean>(RETURNS_MINIMAL, context.getHandler())) return next.handle();
    return next.handle().pipe(
      map(() => {
        const reply = http.getResponse<FastifyReply>();
        if (reply.statusCode === 200) void reply.status(204);
        void reply.header('preference-applied', 'return=minimal');
        return undefined;
      }),
    );
  }
}
