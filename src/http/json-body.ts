import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../common/problem/problem.error.js';
import { MAX_VALUES } from '../common/problem/request-limits.js';
import { insistOnShape } from './body-shape.js';

/** Those that UTF-8 includes; JSON has no other (RFC 8259 §8.1). */
const CHARSETS = new Set(['utf-8', 'utf8', 'us-ascii']);

/**
 * Makes JSON the only kind of body that is read, within the limits of its route (see LimitBody);
 * anything else is refused as 415.
 */
export function acceptOnlyJson(server: FastifyInstance): void {
  const { bodyLimit = Infinity } = server.initialConfig;
  server.addHook('onRoute', (route) => {
    const own = route.config?.bodyLimits?.bytes;
    if (own !== undefined) route.bodyLimit = Math.min(own, bodyLimit);
  });
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    const refusal = encodingProblem(request.headers['content-type'], bytes as Buffer);
    if (refusal) return done(refusal);
    // What it throws is the answer.
    insistOnShape(bytes as Buffer, request.routeOptions.config.bodyLimits?.values ?? MAX_VALUES);
    const body = bytes.toString();
    // Fastify's parser calls back at once, or returns a promise when given no callback.
    void parse(request, body, (error, value) => {
      done(error ? jsonProblem(error, body) : null, value);
    });
  });
}

/** To decode anything but UTF-8 as UTF-8 would change texts without a word. */
function encodingProblem(contentType = '', bytes: Buffer): ProblemError | undefined {
  const charset = /;\s*charset=("?)([^\s;"]*)\1/i.exec(contentType)?.[2]?.toLowerCase();
  if (charset !== undefined && !CHARSETS.has(charset)) {
    return new ProblemError('unsupported-media-type', {
      detail: 'Send the body in UTF-8; no other charset is supported.',
    });
  }
  if (isUtf8(bytes)) return undefined;
  return new ProblemError('malformed-json', { detail: 'The body is not valid UTF-8.' });
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
