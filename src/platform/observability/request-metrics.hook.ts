import type { FastifyInstance } from 'fastify';
import { isForApi, onApiRequest } from '../http/api-hook.js';
import type { MetricsService } from './metrics.service.js';

/** Counts what the API answers; whoever has gone before the answer has got none. */
export function countRequests(server: FastifyInstance, metrics: MetricsService): void {
  const requests = metrics.counter({
    name: 'signpost_api_requests_total',
    help: 'Answers of the API by their status.',
    labelNames: ['status'],
  });
  // So that the first of them is seen as an increase.
  requests.inc({ status: 500 }, 0);
  onApiRequest(server, (request, reply, done) => {
    // What the API does not have has no route.
    if (isForApi(request) || request.url.startsWith('/api/')) {
      reply.raw.once('finish', () => requests.inc({ status: reply.statusCode }));
    }
    done();
  });
}
