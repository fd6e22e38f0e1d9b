import {
  Injectable,
  StreamableFile,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { WITHOUT_IDEMPOTENCY_KEY } from '../common/without-idempotency-key.decorator.js';
import { parseIdempotencyKey } from './idempotency-key.js';
import { IdempotencyService } from './idempotency.service.js';
import type { Answer, KeyedRequest } from './idempotency.types.js';

type AuthenticatedRequest = FastifyRequest & { user: { id: string } };

/** What a handler says in headers; the others belong to one response, not to the answer. */
const REPLAYED_HEADERS = [
  'cache-control',
  'content-language',
  'content-location',
  'content-type',
  'etag',
  'last-modified',
  'link',
  'location',
];

/**
 * Makes a POST of a user that carries an Idempotency-Key run once; everything else passes untouched.
 * Nothing is stored for strangers, who are without number.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly idempotency: IdempotencyService,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!isKeyed(request) || this.isWithoutKey(context)) return next.handle();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return from(this.runOnce(request, reply, next));
  }

  private isWithoutKey(context: ExecutionContext): boolean {
    const route = [context.getHandler(), context.getClass()];
    return this.reflector.getAllAndOverride<boolean>(WITHOUT_IDEMPOTENCY_KEY, route) ?? false;
  }

  private async runOnce(
    request: AuthenticatedRequest,
    reply: FastifyReply,
    next: CallHandler,
  ): Promise<unknown> {
    const outcome = await this.idempotency.run(keyedRequest(request), async () =>
      // Called in here, because Nest runs the handler in the async context of this call.
      answerOf(reply, await lastValueFrom(next.handle(), { defaultValue: undefined })),
    );
    if (outcome.replayed) void reply.header('Idempotency-Replayed', 'true');
    if ('refusal' in outcome) throw outcome.refusal;
    if (outcome.replayed) void reply.status(outcome.answer.status).headers(outcome.answer.headers);
    return outcome.answer.body;
  }
}

const isKeyed = (request: FastifyRequest & { user?: unknown }): request is AuthenticatedRequest =>
  request.method === 'POST' &&
  request.headers['idempotency-key'] !== undefined &&
  request.user !== undefined;

function keyedRequest(request: AuthenticatedRequest): KeyedRequest {
  // `headers` joins repeated headers into one value, which would pass for a key.
  const values = request.raw.headersDistinct['idempotency-key'] ?? [];
  return {
    userId: request.user.id,
    key: parseIdempotencyKey(values),
    method: request.method,
    path: request.url,
    body: request.body,
  };
}

function answerOf(reply: FastifyReply, body: unknown): Answer {
  if (reply.sent || body instanceof StreamableFile || body instanceof Uint8Array) {
    throw new TypeError('A POST handler must return JSON: nothing else can be stored and replayed');
  }
  const headers: Answer['headers'] = {};
  for (const name of REPLAYED_HEADERS) {
    const value = reply.getHeader(name);
    if (value !== undefined) headers[name] = Array.isArray(value) ? value : String(value);
  }
  return { status: reply.statusCode, headers, body };
}
