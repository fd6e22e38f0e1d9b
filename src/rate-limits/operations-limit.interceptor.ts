import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { RateLimitsConfig } from '../../config/rate-limits.config.js';
import { rateLimitHeaders } from './rate-limits.problems.js';
import { RateLimitsService } from './rate-limits.service.js';

/** Together they take about as long as a request by itself. */
const OPERATIONS_OF_A_REQUEST = 10;

/**
 * Counts the operations of a request, beside the request itself, so that many at once are no way round the
 * limit of the API. A batch never counts as more than the whole limit: some time it must get through.
 */
@Injectable()
export class OperationsLimitInterceptor implements NestInterceptor {
  constructor(
    private readonly limits: RateLimitsService,
    private readonly config: RateLimitsConfig,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & { user: { id: string } }>();
    return from(this.run(request, http.getResponse<FastifyReply>(), next));
  }

  private async run(
    request: FastifyRequest & { user: { id: string } },
    reply: FastifyReply,
    next: CallHandler,
  ): Promise<unknown> {
    await this.count(request, reply);
    return lastValueFrom(next.handle());
  }

  private async count(
    { body, user }: FastifyRequest & { user: { id: string } },
    reply: FastifyReply,
  ): Promise<void> {
    const { operations } = Object(body) as { operations?: unknown };
    const many = Array.isArray(operations) ? operations.length : 0;
    const requests = Math.ceil(many / OPERATIONS_OF_A_REQUEST);
    const more = Math.min(requests, this.config.apiPerMinute) - 1;
    if (more <= 0) return;
    const allowance = await this.limits.consume('api', user.id, more);
    if (allowance) void reply.headers(rateLimitHeaders(allowance));
  }
}
