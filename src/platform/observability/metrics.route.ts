import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { OperationsConfig } from '../../../config/operations.config.js';
import { ProblemError } from '../../common/problem/problem.error.js';
import { sendProblem } from '../../common/problem/problem.filter.js';
import type { MetricsService } from './metrics.service.js';
import type { OperatorAccess } from './operator-access.js';

const PATH = '/metrics';
const CHALLENGE = { 'www-authenticate': 'Bearer' };
/** Of a scraper that is slow. */
const REQUEST_TIMEOUT_MS = 10_000;
/** More than there are scrapers. */
const MAX_CONNECTIONS = 64;

/**
 * /metrics on the public port, for scrapers that prove to be an operator's. A plain route: it needs
 * neither the guards nor the filters of the API. Where nobody can prove it, or the metrics have a
 * port of their own, it is not there for anybody.
 */
export function serveMetrics(
  server: FastifyInstance,
  metrics: MetricsService,
  access: OperatorAccess,
  { metricsPort }: OperationsConfig,
): void {
  server.get(PATH, async (request, reply) => {
    const isElsewhere = metricsPort !== undefined;
    if (isElsewhere || !access.admits(request.headers.authorization)) {
      const isHidden = isElsewhere || !access.hasToken;
      sendProblem(isHidden ? notFound() : tokenMissing(), request, reply);
      return reply;
    }
    void reply.header('cache-control', 'no-store');
    const text = await metrics.render().catch(() => undefined);
    // Half of the truth would look like counters that went down.
    if (text === undefined) return reply.code(503).header('retry-after', '1').send();
    return reply.type(metrics.contentType).send(text);
  });
}

const notFound = () => new ProblemError('not-found', { detail: 'There is nothing at this path.' });

const tokenMissing = () =>
  new ProblemError('unauthenticated', {
    detail: 'Send the METRICS_TOKEN: "Authorization: Bearer <token>".',
    headers: CHALLENGE,
  });

/**
 * A server for METRICS_PORT, not yet listening. Workers share the port as they share the public one,
 * and whichever of them is asked answers for all.
 */
export function createMetricsServer(metrics: MetricsService, access: OperatorAccess): Server {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    // A scraper comes again in a quarter of a minute, perhaps to another worker.
    response.setHeader('connection', 'close');
    response.setHeader('cache-control', 'no-store');
    void answer(request, response, metrics, access);
  });
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: MetricsService,
  access: OperatorAccess,
): Promise<void> {
  if (request.url?.split('?', 1)[0] !== PATH) return void response.writeHead(404).end();
  if (access.hasToken && !access.recognises(request.headers.authorization)) {
    return void response.writeHead(401, CHALLENGE).end();
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
  }
  const text = await metrics.render().catch(() => undefined);
  if (text === undefined) response.writeHead(503, { 'retry-after': '1' }).end();
  else response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
}
