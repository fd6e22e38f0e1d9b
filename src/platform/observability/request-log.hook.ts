import type { FastifyReply, FastifyRequest } from 'fastify';
import { pathOf } from '../../common/problem/problem.answer.js';
import { isForApi } from '../http/api-hook.js';
import type { AppLogger } from './app.logger.js';

/** As nginx has it: the client has gone before it was answered. */
const CLIENT_CLOSED_REQUEST = 499;

/**
 * Writes one line about the request once it is over: `info` for the API, `debug` for probes, scrapes and
 * the docs.
 */
export function logRequest(request: FastifyRequest, reply: FastifyReply, logger: AppLogger): void {
  // Also when the client has gone before its answer.
  reply.raw.once('close', () => log(request, reply, logger));
}

function log(request: FastifyRequest, reply: FastifyReply, logger: AppLogger): void {
  const path = pathOf(request.url);
  const level = isForApi(request) || path.startsWith('/api/') ? 'info' : 'debug';
  if (!logger.isLevelEnabled(level)) return;
  const status = reply.raw.headersSent ? reply.statusCode : CLIENT_CLOSED_REQUEST;
  logger[level](
    {
      msg: `${request.method} ${path} ${status}`,
      method: request.method,
      route: request.routeOptions.url,
      path,
      status,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      requestId: request.id,
      ...callerOf(request),
    },
    'Request',
  );
}

/** A user or an API key, as the authentication guard has found it; nothing else of either. */
function callerOf(request: FastifyRequest): { userId?: string; apiKeyId?: string } {
  const { user } = request as { user?: { id: string; scopes?: unknown } };
  if (!user) return {};
  return user.scopes ? { apiKeyId: user.id } : { userId: user.id };
}
