import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../../common/problem/problem.error.js';
import { onApiRequest } from './api-hook.js';
import { ACCEPT_PATCH } from './json-body.js';

interface KnownRoute {
  segments: string[];
  methods: string[];
}

/** Which methods a path can be asked with; Fastify itself only tells that none matched. */
export class RouteTable {
  private readonly routes: KnownRoute[] = [];

  add(pattern: string, methods: string | string[]): void {
    this.routes.push({ segments: pattern.split('/'), methods: [methods].flat() });
  }

  methodsOf(path: string): string[] {
    const segments = path.split('/');
    const methods = this.routes
      .filter((route) => matches(route.segments, segments))
      .flatMap((route) => route.methods);
    return [...new Set(methods)].toSorted();
  }
}

function matches(pattern: string[], path: string[]): boolean {
  const isWildcard = pattern.at(-1) === '*';
  if (isWildcard ? path.length < pattern.length : path.length !== pattern.length) return false;
  return pattern.every(
    (segment, index) =>
      segment === '*' || (segment.startsWith(':') ? path[index] !== '' : segment === path[index]),
  );
}

/** Learns every route that is registered from now on. */
export function learnRoutes(server: FastifyInstance): RouteTable {
  const table = new RouteTable();
  server.addHook('onRoute', ({ url, method, config }) => {
    // Few links take a password, and have something behind their code: those say so themselves.
    const isRare = config?.isShortLink && (url.endsWith('*') || method === 'POST');
    if (!isRare) table.add(url, method);
  });
  return table;
}

/** Answers 405 with Allow where another method would do, and 404 elsewhere. */
export function refuseUnknownRoutes(server: FastifyInstance, table: RouteTable): void {
  onApiRequest(server, (request, _reply, done) => {
    if (!request.is404) return done();
    const path = request.url.split('?', 1)[0]!;
    const methods = table.methodsOf(path);
    if (methods.length === 0) {
      return done(new ProblemError('not-found', { detail: 'There is nothing at this path.' }));
    }
    const allow = methods.join(', ');
    done(
      new ProblemError('method-not-allowed', {
        detail: `${request.method} is not possible here; use ${allow}.`,
        headers: { allow, ...(methods.includes('PATCH') && { 'accept-patch': ACCEPT_PATCH }) },
      }),
    );
  });
}
