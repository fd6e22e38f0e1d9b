import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { ProblemError } from '../common/problem/problem.error.js';
import { RateLimitsService } from './rate-limits.service.js';

/** Limits how often whoever is logged in gets their own password wrong: perhaps the token is all they have. */
@Injectable()
export class PasswordLimitInterceptor implements NestInterceptor {
  constructor(private readonly limits: RateLimitsService) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { user: { id: string } }>();
    return from(this.run(request.user.id, next));
  }

  private async run(userId: string, next: CallHandler): Promise<unknown> {
    await this.limits.insistOnRest('login', userId);
    try {
      return await lastValueFrom(next.handle(), { defaultValue: undefined });
    } catch (error) {
      const isWrong = error instanceof ProblemError && error.code === 'wrong-password';
      if (isWrong) await this.limits.count('login', userId);
      throw error;
    }
  }
}
