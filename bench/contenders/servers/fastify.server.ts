import { fastify } from 'fastify';
import { port, readCodes } from './codes.ts';

/** The limit of the framework: a Fastify route and a map. */
const codes = readCodes();
const server = fastify();

server.get<{ Params: { code: string } }>('/:code', (request, reply) => {
  const url = codes.get(request.params.code);
  if (url === undefined) return reply.code(404).send();
  return reply.header('cache-control', 'private, no-store').redirect(url, 302);
});

await server.listen({ port, host: '127.0.0.1' });
