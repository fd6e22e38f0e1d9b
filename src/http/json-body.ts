import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../common/problem/problem.error.js';

/** Makes JSON the only kind of body that is read; anything else is refused as 415. */
export function acceptOnlyJson(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Fastify's parser calls back at once, or returns a promise when given no callback.
    void parse(request, body as string, (error, value) => {
      done(error ? jsonProblem(error, body as string) : null, value);
    });
  });
}

/** Says whether a refused body was broken, or JSON with a key that could change prototypes. */
function jsonProblem(error: Error, body: string): Error {
  if (body.length === 0) return error;
  try {
    JSON.parse(body);
  } catch {
    return error;
  }
  return new ProblemError('invalid-request', {
    detail: 'The body contains a key that is never allowed.',
    errors: [
      {
        pointer: '',
        code: 'not-allowed',
        detail: 'the keys __proto__ and constructor.prototype are not allowed anywhere',
      },
    ],
  });
}
