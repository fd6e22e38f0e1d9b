import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from '../../common/problem/problem.error.js';
import { MAX_VALUES } from '../../common/problem/request-limits.js';
import { onApiRequest } from './api-hook.js';
import { insistOnShape } from './body-shape.js';

/** Those that UTF-8 includes; JSON has no other (RFC 8259 §8.1). */
const CHARSETS = new Set(['utf-8', 'utf8', 'us-ascii']);

const MERGE_PATCH = 'application/merge-patch+json';

/** The value of Accept-Patch (RFC 5789): a change is a merge patch (RFC 7396), also by its other name. */
export const ACCEPT_PATCH = `${MERGE_PATCH}, application/json`;

/** A file, where the route takes one. */
export const FILE = 'application/octet-stream';

/**
 * Makes JSON the only kind of body that is read, within the limits of its route (see LimitBody);
 * anything else is refused as 415. Files are handed on as streams to routes that take them.
 */
export function acceptOnlyJson(server: FastifyInstance): void {
  const { bodyLimit = Infinity } = server.initialConfig;
  server.addHook('onRoute', (route) => {
    const { bytes, isLarge } = route.config?.bodyLimits ?? {};
    if (bytes !== undefined) route.bodyLimit = isLarge ? bytes : Math.min(bytes, bodyLimit);
  });
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(FILE, (request, stream, done) => {
    const { isFile, bytes = Infinity } = request.routeOptions.config.bodyLimits ?? {};
    if (!isFile) {
      const detail = 'Send the body as application/json.';
      return done(new ProblemError('unsupported-media-type', { detail }));
    }
    // Who says so beforehand need not send it.
    if (Number(request.headers['content-length']) > bytes) {
      return done(new ProblemError('body-too-large', { detail: `At most ${bytes} bytes.` }));
    }
    done(null, stream);
  });
  const types = ['application/json', MERGE_PATCH];
  server.addContentTypeParser(types, { parseAs: 'buffer' }, (request, bytes, done) => {
    if (request.method === 'DELETE' && bytes.length === 0) return done(null, undefined);
    const refusal = typeProblem(request, bytes as Buffer);
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

/** Lets clients name the type of a body that a DELETE has not got, as many do with all they send. */
export function ignoreTypeOfNothing(server: FastifyInstance): void {
  onApiRequest(server, ({ method, raw: { headers } }, _reply, done) => {
    const isEmpty = !headers['transfer-encoding'] && Number(headers['content-length'] ?? 0) === 0;
    if (method === 'DELETE' && isEmpty) delete headers['content-type'];
    done();
  });
}

/** Says in every answer of what can be changed by PATCH how to do it. */
export function announcePatch(server: FastifyInstance): void {
  const patchable = new Set<string>();
  server.addHook('onRoute', ({ method, url }) => {
    if ([method].flat().includes('PATCH')) patchable.add(url);
  });
  onApiRequest(server, (request, reply, done) => {
    if (patchable.has(request.routeOptions.url ?? ''))
      void reply.header('accept-patch', ACCEPT_PATCH);
    done();
  });
}

/** To decode anything but UTF-8 as UTF-8 would change texts without a word. */
function typeProblem({ method, headers }: FastifyRequest, bytes: Buffer): ProblemError | undefined {
  const contentType = headers['content-type'] ?? '';
  if (method !== 'PATCH' && contentType.toLowerCase().startsWith(MERGE_PATCH)) {
    return new ProblemError('unsupported-media-type', {
      detail: 'Only a PATCH can be a merge patch. Send the body as application/json.',
    });
  }
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
