import type { FastifyInstance } from 'fastify';
import type { MetricsService } from './metrics.service.js';

/**
 * A plain route: it needs neither the guards nor the filters of the API.
 * Keep it from the public at the proxy, as every Prometheus endpoint.
 */
export function serveMetrics(server: FastifyInstance, metrics: MetricsService): void {
  server.get('/metrics', async (_request, reply) => {
    const text = await metrics.render();
    return reply.type(metrics.contentType).header('cache-control', 'no-store').send(text);
  });
}
