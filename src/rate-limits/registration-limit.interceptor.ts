import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { ProblemError } from '../common/problem/problem.error.js';
import type { ProblemCode } from '../common/problem/problems.js';
import { networkOf } from '../platform/http/client-address.js';
import { RateLimitsService } from './rate-limits.service.js';

/** They tell who has an account, or let the setup token be guessed. */
const COUNTED: ReadonlySet<ProblemCode> = new Set(['email-taken', 'setup-token-required']);

/** Limits how many accounts are made from an address, and how many such answers it gets. */
@Injectable()
export class RegistrationLimitInterceptor implements NestInterceptor {
  constructor(private readonly limits: RateLimitsService) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { client } = context.switchToHttp().getRequest<FastifyRequest>();
    return from(this.run(networkOf(client.address), next));
  }

  private async run(address: string, next: CallHandler): Promise<unknown> {
    await this.limits.insistOnRest('registration', address);
    try {
      const session: unknown = await lastValueFrom(next.handle());
      await this.limits.count('registration', address);
      return session;
    } catch (error) {
      const isCounted = error instanceof ProblemError && COUNTED.has(error.code);
      if (isCounted) await this.limits.count('registration', address);
      throw error;
    }
  }
}
