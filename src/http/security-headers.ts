import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';
import { onApiRequest } from './api-hook.js';

/** Sets the security headers of the API and the docs; the docs load nothing from other hosts. */
export function addSecurityHeaders(server: FastifyInstance, publicUrl: string): void {
  const isHttps = publicUrl.startsWith('https://');
  const setHeaders = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Swagger UI styles its elements inline and draws its icons from data: URLs.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Behind plain HTTP the header would be ignored at best, and lock people out at worst.
    strictTransportSecurity: isHttps && { maxAge: 31_536_000, includeSubDomains: false },
    // Integrators may call the API from their own pages' servers and read the document anywhere.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    referrerPolicy: { policy: 'no-referrer' },
  });
  onApiRequest(server, (request, reply, done) => {
    setHeaders(request.raw, reply.raw, (error) => done(error as Error | undefined));
  });
}
