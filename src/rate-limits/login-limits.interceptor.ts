import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { accountAddress } from '../common/email-address.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { trimmed } from '../common/validation/text.rules.js';
import { networkOf } from '../platform/http/client-address.js';
import { RateLimitsService } from './rate-limits.service.js';
import type { PolicyName } from './rate-limits.types.js';

/**
 * Limits how many logins fail. The limit of an account from one address locks out nobody elsewhere,
 * and that of an account as a whole nobody who has logged in from where they are in the last two weeks.
 * It is asked before a password is hashed, and counts when the login has failed: who gets it right
 * uses up nothing, however many they are at once.
 */
@Injectable()
export class LoginLimitsInterceptor implements NestInterceptor {
  constructor(private readonly limits: RateLimitsService) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return from(this.run(context.switchToHttp().getRequest<FastifyRequest>(), next));
  }

  private async run(request: FastifyRequest, next: CallHandler): Promise<unknown> {
    const address = networkOf(request.client.address);
    const account = accountOf(request.body);
    const both = JSON.stringify([account, address]);
    const policies: [PolicyName, string][] = [
      ['login', both],
      ['login-address', address],
    ];
    if (!(await this.limits.isFamiliar(both))) policies.push(['login-account', account]);
    await Promise.all(policies.map((policy) => this.limits.insistOnRest(...policy)));
    try {
      const session: unknown = await lastValueFrom(next.handle());
      await this.limits.noteFamiliar(both);
      return session;
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'invalid-credentials') {
        await Promise.all(policies.map((policy) => this.limits.count(...policy)));
      }
      throw error;
    }
  }
}

/** In the one spelling by which accounts are told apart. What is no address is refused later. */
function accountOf(body: unknown): string {
  const { email } = Object(body) as { email?: unknown };
  return typeof email === 'string' ? accountAddress(trimmed(email)) : '';
}
