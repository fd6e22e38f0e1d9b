import type { OpenApiFragment } from './openapi.fragments.js';

export const metricsFragment: OpenApiFragment = {
  tags: [{ name: 'operations', description: 'For the people who run the service.' }],
  paths: {
    '/metrics': {
      get: {
        operationId: 'getMetrics',
        tags: ['operations'],
        summary: 'Read the metrics',
        description:
          'Of all workers together, in the text format of Prometheus. Keep it from the public at ' +
          'the proxy.',
        security: [],
        responses: {
          200: {
            description: 'The metrics.',
            content: {
              'text/plain': {
                schema: { type: 'string' },
                example:
                  '# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 1.2\n',
              },
            },
          },
          503: { description: 'The supervisor of the workers does not answer.' },
        },
      },
    },
  },
};
