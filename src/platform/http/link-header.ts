import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { isForApi, onApiRequest } from './api-hook.js';

/** Where the OpenAPI document is, as a link (RFC 8631); PUBLIC_URL may have a path. */
export const descriptionLink = (publicUrl: string): string =>
  `<${new URL(publicUrl).pathname.replace(/\/$/, '')}/openapi.json>; rel="service-desc"`;

/** Says in every answer of the API where it is described, so that programs find out by themselves. */
export function announceDescription(server: FastifyInstance, publicUrl: string): void {
  const link = descriptionLink(publicUrl);
  onApiRequest(server, (request, reply, done) => {
    if (isForApi(request)) void reply.header('link', link);
    done();
  });
}

const PAGES_BY = 'pages-by';

/** For lists that take `nextCursor` by another name than `cursor`. */
export const PagesBy = (parameter: string): MethodDecorator => SetMetadata(PAGES_BY, parameter);

/**
 * Says in the answer of a list where its next page is (RFC 8288), beside `nextCursor` in the body. As a
 * reference that has only a query, which is right behind every proxy.
 */
@Injectable()
export class NextPageInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    if (request.method !== 'GET') return next.handle();
    return next.handle().pipe(
      map((body: { nextCursor?: unknown } | undefined) => {
        const cursor = body?.nextCursor;
        if (typeof cursor !== 'string') return body;
        const reply = http.getResponse<FastifyReply>();
        const parameter = this.reflector.get<string | undefined>(PAGES_BY, context.getHandler());
        const link = `<${nextPage(request.url, parameter ?? 'cursor', cursor)}>; rel="next"`;
        const others = reply.getHeader('link');
        void reply.header('link', others === undefined ? link : `${String(others)}, ${link}`);
        return body;
      }),
    );
  }
}

function nextPage(url: string, parameter: string, cursor: string): string {
  const queryAt = url.indexOf('?');
  const query = new URLSearchParams(queryAt === -1 ? '' : url.slice(queryAt));
  query.set(parameter, cursor);
  return `?${query.toString()}`;
}
