import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** Sets the security headers of the API and the docs; the docs load nothing from other hosts. */
export async function addSecurityHeaders(server: FastifyInstance, publicUrl: string) {
  const isHttps = publicUrl.startsWith('https://');
  await server.register(helmet, {
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
}
