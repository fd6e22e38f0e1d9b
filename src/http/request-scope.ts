import type { FastifyInstance } from 'fastify';
import { enterRequest } from '../common/request-context.js';
import { isForApi, onApiRequest } from './api-hook.js';

/** Opens the request scope for the API; redirects and probes do without its price. */
export function openRequestScopes(server: FastifyInstance): void {
  onApiRequest(server, (request, reply, done) => {
    if (!isForApi(request)) return done();
    const scope = { requestId: request.id, client: () => request.client };
    const leave = enterRequest(scope, done);
    // Always emitted, also when the client goes away before the answer.
    reply.raw.once('close', leave);
  });
}
