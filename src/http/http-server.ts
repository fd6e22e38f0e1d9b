import { FastifyAdapter } from '@nestjs/platform-fastify';
import { fastify } from 'fastify';
import type { ServerConfig } from '../../config/server.config.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { sendProblem } from '../common/problem/problem.filter.js';
import { toProblem } from '../common/problem/problem.mapper.js';
import { onApiRequest } from './api-hook.js';
import { answerClientError } from './client-error.js';
import { acceptOnlyJson } from './json-body.js';
import { parseQueryString } from './query-string.js';
import { requestIdOf } from './request-id.js';
import { addSecurityHeaders } from './security-headers.js';
import { learnRoutes, refuseUnknownRoutes } from './unknown-routes.js';

/** Nest on Fastify without middleware: @fastify/middie would cost every request a hook. */
class BareFastifyAdapter extends FastifyAdapter {
  override init(): Promise<void> {
    return Promise.resolve();
  }
}

/** The HTTP server, before any module has added its routes. */
export function createHttpAdapter(config: ServerConfig): FastifyAdapter {
  const server = fastify({
    bodyLimit: config.bodyLimitBytes,
    genReqId: requestIdOf,
    // During a shutdown the requests already on their way are answered.
    return503OnClosing: false,
    // The time for a request to arrive, and then for a silent connection to be dropped.
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    // Longer than the 60 s of common load balancers, which then close first, not us.
    keepAliveTimeout: 72_000,
    routerOptions: { maxParamLength: 256, querystringParser: parseQueryString },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      void reply.header('x-request-id', request.id);
      sendProblem(toProblem(error) ?? new ProblemError('invalid-request'), request, reply);
    },
  });
  const routes = learnRoutes(server);
  acceptOnlyJson(server);
  const adapter = new BareFastifyAdapter(server);
  onApiRequest(server, (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  addSecurityHeaders(server, config.publicUrl);
  refuseUnknownRoutes(server, routes);
  return adapter;
}
