import { problemResponse } from '../../common/problem/api-problems.decorator.js';
import { PROBLEMS, type ProblemCode } from '../../common/problem/problems.js';
import type { OpenApiFragment } from './openapi.fragments.js';

const problems = (...codes: ProblemCode[]) =>
  Object.fromEntries(
    codes.map((code) => {
      const { status, ...response } = problemResponse(PROBLEMS[code].status, [code]);
      return [status, response];
    }),
  );

export const metricsFragment: OpenApiFragment = {
  tags: [{ name: 'operations', description: 'For the people who run the service.' }],
  paths: {
    '/metrics': {
      get: {
        operationId: 'getMetrics',
        tags: ['operations'],
        summary: 'Read the metrics',
        description:
          'Of all workers together, in the text format of Prometheus. It asks for METRICS_TOKEN if ' +
          'that is set. It is not here (404) if the metrics have a port of their own, nor in staging ' +
          'and production without METRICS_TOKEN.',
        security: [{}, { operator: [] }],
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
          ...problems('unauthenticated', 'not-found'),
          503: { description: 'The supervisor of the workers does not answer.' },
        },
      },
    },
  },
};
