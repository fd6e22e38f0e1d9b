import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { enterRequest } from '../../common/request-context.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route of short links, which must be fast: what the API does for every request it goes without. */
    isShortLink?: boolean;
  }
}

/** Adds an onRequest hook for everything but short links. */
export function onApiRequest(
  server: FastifyInstance,
  hook: (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void,
): void {
  server.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config?.isShortLink) done();
    else hook(request, reply, done);
  });
}

/** Whether a request is for the API. Its route tells: the path may be spelt with %61, or as a whole URL. */
export const isForApi = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url?.startsWith('/api/') ?? false;

/** @param isGone whether nobody waits for the answer any more */
type Admit = (begin: () => void, isGone: () => boolean) => void;

/** Lets requests of the API begin when `admit` says so; health checks and the like at once. */
export function admitBy(server: FastifyInstance, admit: Admit): void {
  onApiRequest(server, (request, _reply, done) => {
    const { socket } = request.raw;
    if (isForApi(request)) admit(done, () => socket.destroyed);
    else done();
  });
}

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
