import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ProblemResponse } from '../../common/problem/problem.response.js';
import { MAX_VALUES } from '../../common/problem/request-limits.js';
import {
  closeRequestBodies,
  COMMON_HEADERS,
  COMMON_PARAMETERS,
  completeOperations,
} from './complete-operations.js';
import { metricsFragment } from './metrics.fragment.js';
import { OpenApiFragments } from './openapi.fragments.js';

/** Of the API, not of the release, which strangers need not know. */
const API_VERSION = '1';

const DESCRIPTION = `
Short links: REST in, redirects out, every click counted exactly once.

Log in for an \`accessToken\` and send it as \`Authorization: Bearer …\`; services send an API key of a
workspace there, for operations that name a scope (\`x-required-scope\`). Times are RFC 3339 in UTC.
Errors are RFC 9457 problems: switch on \`code\`, show \`detail\`, and name \`requestId\` when you
ask for help. Retry a POST safely with an \`Idempotency-Key\`, where one is offered.

How much you may ask is told by \`RateLimit-Policy\`, and how much of it is left by \`RateLimit\`
(draft-ietf-httpapi-ratelimit-headers-10). Beyond it the answer is 429 \`quota-exceeded\`: try again after
\`Retry-After\` seconds.

Fields of a body that are not documented are refused, and so are query parameters of operations that
have any; others leave the query alone. A body holds at most ${MAX_VALUES} members and elements in all,
nested ones included, and a query at most ${MAX_VALUES} parameters; operations whose bodies have other
limits say so (\`x-body-limits\`).
`.trim();

/** The OpenAPI document: generated from the controllers, completed by what holds for all of them. */
export function createDocument(app: INestApplication, publicUrl: string): OpenAPIObject {
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Signpost')
    .setDescription(DESCRIPTION)
    .setVersion(API_VERSION)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer(publicUrl)
    .addTag('auth', 'Accounts and sessions.')
    .addTag('links', 'Short links: make, find, change and delete them.')
    .addTag('workspaces', 'Teams: who may see and change which links.')
    .addTag('imports', 'Links of other services come in, and yours go out.')
    .addTag('stats', 'What became of the links: clicks, visitors and where they came from.')
    .addTag(
      'administration',
      'For administrators of the instance: users, takedowns, blocked hosts.',
    )
    .addTag('health', 'For orchestrators and dashboards.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'bearer')
    .addSecurity('operator', { type: 'http', scheme: 'bearer', description: 'METRICS_TOKEN.' })
    .build();
  const document = SwaggerModule.createDocument(app, base, { extraModels: [ProblemResponse] });
  for (const { paths, tags = [] } of [metricsFragment, ...app.get(OpenApiFragments).all()]) {
    Object.assign(document.paths, structuredClone(paths));
    document.tags?.push(...tags);
  }
  document.components = {
    ...document.components,
    headers: COMMON_HEADERS,
    parameters: COMMON_PARAMETERS,
  };
  completeOperations(document.paths);
  closeRequestBodies(document);
  return document;
}
