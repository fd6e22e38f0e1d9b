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
    'With `return=minimal` (RFC 7240) the answer does without what was sent, and says so in ' +
    '`Preference-Applied`: it has no body, and 200 becomes 204; that of a batch has no links. `ETag` and ' +
    '`Location` are there all the same.',
  schema: { type: 'string' },
  example: 'return=minimal',
} as const;

type Shorten = (body: never) => unknown;

/**
 * For operations that answer with what was written: who prefers it gets no body.
 * @param shorten makes the least that has to be said of the answer; nothing, if it is absent
 */
export const ReturnsMinimal = (shorten: Shorten = () => undefined): MethodDecorator =>
  applyDecorators(SetMetadata(RETURNS_MINIMAL, shorten), ApiHeader(PREFER));

/** Whether a Prefer header (RFC 7240) asks for an answer that is as short as possible. */
const prefersMinimal = (prefer: string | string[] | undefined): boolean =>
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
    const shorten = this.reflector.get<Shorten | undefined>(RETURNS_MINIMAL, context.getHandler());
    if (!shorten) return next.handle();
    return next.handle().pipe(
      map((body: unknown) => {
        const reply = http.getResponse<FastifyReply>();
        const rest = shorten(body as never);
        if (rest === undefined && reply.statusCode === 200) void reply.status(204);
        void reply.header('preference-applied', 'return=minimal');
        return rest;
      }),
    );
  }
}
