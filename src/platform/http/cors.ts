import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isForApi, onApiRequest } from './api-hook.js';

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
/** What a page may send besides what every page may. */
const SENT =
  'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, X-Request-Id';
/** What a page may read of an answer besides what every page may. */
const READ =
  'Accept-Patch, Allow, Content-Disposition, ETag, Idempotency-Replayed, Link, Location, ' +
  'Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id';
/** Chromium believes no answer for longer. */
const PREFLIGHT_SECONDS = '7200';

/**
 * Lets pages of these origins call the API (CORS), and answers browsers that ask whether they may. Cookies
 * are not involved: a page sends the token that its user has given it. Without origins there is nothing of
 * this in any answer, and browsers keep all pages of other hosts out. @fastify/cors is not used, because its
 * hook runs for every route, redirects too.
 */
export function shareWithOrigins(server: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  varyByOrigin(server);
  onApiRequest(server, (request, reply, done) => {
    if (!isOfApi(request)) return done();
    // Of what has no route, too.
    void reply.header('vary', 'Origin');
    const { origin = '' } = request.headers;
    if (!origins.includes(origin)) return done();
    void reply.headers({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': READ,
    });
    if (!isPreflight(request)) return done();
    void reply
      .headers({
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': SENT,
        'access-control-max-age': PREFLIGHT_SECONDS,
      })
      .code(204)
      .send();
  });
}

/** Adds to what a route says by itself that its answers vary by. */
function varyByOrigin(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/api/')) return;
    route.onSend = [route.onSend ?? []].flat();
    route.onSend.push((_request, reply, _payload, done) => {
      const vary = String(reply.getHeader('vary'));
      if (!vary.includes('Origin')) void reply.header('vary', `${vary}, Origin`);
      done();
    });
  });
}

const isOfApi = (request: FastifyRequest): boolean =>
  isForApi(request) || request.url.startsWith('/api/');

const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
