import { FastifyAdapter } from '@nestjs/platform-fastify';
import { fastify, type FastifyReply, type FastifyRequest } from 'fastify';
import type { ServerConfig } from '../../../config/server.config.js';
import { ProblemError } from '../../common/problem/problem.error.js';
import { sendProblem } from '../../common/problem/problem.filter.js';
import { toProblem } from '../../common/problem/problem.mapper.js';
import { onApiRequest } from './api-hook.js';
import { addClient } from './client.js';
import { answerClientError } from './client-error.js';
import { shareWithOrigins } from './cors.js';
import { acceptOnlyJson, announcePatch, ignoreTypeOfNothing } from './json-body.js';
import { announceDescription } from './link-header.js';
import { parseQueryString } from './query-string.js';
import { requestIdOf } from './request-id.js';
import { rewriteShortLink } from './short-link-path.js';
import { addSecurityHeaders, headersOfAll } from './security-headers.js';
import { learnRoutes, refuseUnknownRoutes } from './unknown-routes.js';

const REQUEST_TIMEOUT_MS = 30_000;

/** The longest parameter is an external id of 255 characters, all of which may be percent-encoded. */
const MAX_PARAM_LENGTH = 768;

/** Nest on Fastify without middleware: @fastify/middie would cost every request a hook. */
class BareFastifyAdapter extends FastifyAdapter {
  override init(): Promise<void> {
    return Promise.resolve();
  }
}

/**
 * The HTTP server, before any module has added its routes.
 * @param observe is told of every request but those of short links, also if no route takes it
 */
export function createHttpAdapter(
  config: ServerConfig,
  observe: (request: FastifyRequest, reply: FastifyReply) => void,
): FastifyAdapter {
  const headers = headersOfAll(config.publicUrl);
  const server = fastify({
    bodyLimit: config.bodyLimitBytes,
    genReqId: requestIdOf,
    rewriteUrl(request) {
      return rewriteShortLink(this, request);
    },
    // During a shutdown the requests already on their way are answered.
    return503OnClosing: false,
    // The time for a request to arrive. Node looks every second, and needs to know from the beginning:
    // with a longer headersTimeout, which it has by itself, it looks at neither.
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
    },
    // Then a silent connection is dropped.
    connectionTimeout: 60_000,
    // Longer than the 60 s of common load balancers, which then close first, not us.
    keepAliveTimeout: 72_000,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, querystringParser: parseQueryString },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, headers),
    frameworkErrors: (error, request, reply) => {
      observe(request, reply);
      void reply.header('x-request-id', request.id);
      sendProblem(toProblem(error) ?? new ProblemError('invalid-request'), request, reply);
    },
  });
  const routes = learnRoutes(server);
  acceptOnlyJson(server);
  addClient(server, config.trustedProxies);
  const adapter = new BareFastifyAdapter(server);
  onApiRequest(server, (request, reply, done) => {
    observe(request, reply);
    void reply.header('x-request-id', request.id);
    done();
  });
  ignoreTypeOfNothing(server);
  announcePatch(server);
  announceDescription(server, config.publicUrl);
  addSecurityHeaders(server);
  // Before all that may refuse a request: pages are to read why, and a browser that asks has no token.
  shareWithOrigins(server, config.corsOrigins);
  refuseUnknownRoutes(server, routes);
  return adapter;
}
