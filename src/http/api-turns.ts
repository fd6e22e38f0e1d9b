import type { FastifyInstance } from 'fastify';
import { isForApi, onApiRequest } from './api-hook.js';

/** @param isGone whether nobody waits for the answer any more */
export type Admit = (begin: () => void, isGone: () => boolean) => void;

/** Lets requests of the API begin when `admit` says so; health checks and the like at once. */
export function takeTurns(server: FastifyInstance, admit: Admit): void {
  onApiRequest(server, (request, _reply, done) => {
    const { socket } = request.raw;
    if (isForApi(request)) admit(done, () => socket.destroyed);
    else done();
  });
}
