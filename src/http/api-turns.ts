import type { FastifyInstance } from 'fastify';
import { onApiRequest } from './api-hook.js';

/** Lets requests of the API begin when `admit` says so; health checks and the like at once. */
export function takeTurns(server: FastifyInstance, admit: (begin: () => void) => void): void {
  onApiRequest(server, (request, _reply, done) => {
    if (request.url.startsWith('/api/')) admit(done);
    else done();
  });
}
