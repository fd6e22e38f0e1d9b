import type { FastifyInstance } from 'fastify';
import type { MetricsService } from './metrics.service.js';

/**
 * A plain route: it needs neither the guards nor the filters of the API.
 * Keep it from the public at the proxy, as every Prometheus endpoint.
 */
export function serveMetrics(server: FastifyInstance, metrics: MetricsService): void {
  server.get('/metrics', async (_request, reply) => {
    void reply.header('cache-control', 'no-store');
    const text = await metrics.render().catch(() => undefined);
    // Half of the truth would look like counters that went down.
    if (text === undefined) return reply.code(503).header('retry-after', '1').send();
    return reply.type(metrics.contentType).send(text);
  });
}
