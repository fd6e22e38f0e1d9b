import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';
import { onApiRequest } from './api-hook.js';

export type Headers = Readonly<Record<string, string>>;

/** Where the docs are, which need more than a program does. */
const DOCS = /^\/docs(?:[/?]|$)/;

/** The headers of every answer whatsoever, redirects and refused connections included. */
export function headersOfAll(publicUrl: string): Headers {
  return {
    'x-content-type-options': 'nosniff',
    // Over plain HTTP the header would be ignored at best, and lock people out at worst.
    ...(publicUrl.startsWith('https://') && { 'strict-transport-security': 'max-age=31536000' }),
  };
}

/** Sets the other security headers, for everything but short links, whose pages set their own. */
export function addSecurityHeaders(server: FastifyInstance): void {
  // An answer of the API is no page: nothing of it may be run, shown in a frame or loaded.
  const setHeaders = withPolicy({
    defaultSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  });
  const setDocsHeaders = withPolicy({
    defaultSrc: ["'self'"],
    // Swagger UI styles its elements inline and draws its icons from data: URLs.
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  });
  onApiRequest(server, (request, reply, done) => {
    const set = DOCS.test(request.url) ? setDocsHeaders : setHeaders;
    set(request.raw, reply.raw, (error) => done(error as Error | undefined));
  });
}

function withPolicy(directives: Record<string, string[]>): ReturnType<typeof helmet> {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    // Both are in headersOfAll.
    strictTransportSecurity: false,
    xContentTypeOptions: false,
    xFrameOptions: { action: 'deny' },
    // Integrators may call the API from their own pages' servers and read the document anywhere.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    referrerPolicy: { policy: 'no-referrer' },
  });
}
