import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

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
