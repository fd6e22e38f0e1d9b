import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isForApi, onApiRequest } from '../platform/http/api-hook.js';
import { networkOf } from '../platform/http/client-address.js';
import { rateLimitHeaders, unknownSender } from './rate-limits.problems.js';
import { RateLimitsService } from './rate-limits.service.js';

/**
 * Tells whose request it is, as far as its Authorization header proves it; undefined if it does not.
 * @param isWorthAQuery whether the database is to be asked, if nothing else can tell
 */
export type Identify = (
  authorization: string,
  isWorthAQuery: boolean,
) => Promise<string | undefined> | string | undefined;

/**
 * Counts every request of the API before anything else is done for it: for whoever it proves to come
 * from, or else for its address. Short links, health checks and docs are not counted.
 */
@Injectable()
export class ApiLimitService {
  private identify: Identify = () => undefined;

  constructor(private readonly limits: RateLimitsService) {}

  /** From now on requests that it knows count for whom it names, and not for their address. */
  identifyBy(identify: Identify): void {
    this.identify = identify;
  }

  /** Adds the hook that counts. */
  limit(server: FastifyInstance): void {
    onApiRequest(server, (request, reply, done) => {
      if (isForApi(request)) void this.admit(request, reply, done);
      else done();
    });
  }

  /** A request beyond the limit ends with quota-exceeded, and a large one of a stranger before it is read. */
  private async admit(
    request: FastifyRequest,
    reply: FastifyReply,
    done: (error?: Error) => void,
  ): Promise<void> {
    try {
      const { authorization } = request.headers;
      const isLarge = request.routeOptions.config.bodyLimits?.isLarge ?? false;
      const user =
        authorization === undefined ? undefined : await this.identify(authorization, isLarge);
      const subject = user ?? networkOf(request.client.address);
      const allowance = await this.limits.consume('api', subject);
      if (allowance) void reply.headers(rateLimitHeaders(allowance));
      if (isLarge && user === undefined) throw unknownSender();
    } catch (error) {
      return done(error as Error);
    }
    done();
  }
}
