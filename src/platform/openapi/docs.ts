import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { OperationsConfig } from '../../../config/operations.config.js';
import { createDocument } from './document.js';

/**
 * Serves /openapi.json and, unless it is switched off, /docs, which shows it and loads nothing from
 * another host.
 */
export function serveDocs(
  app: NestFastifyApplication,
  publicUrl: string,
  { docs }: Pick<OperationsConfig, 'docs'>,
): void {
  SwaggerModule.setup('docs', app, () => createDocument(app, publicUrl), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    ui: docs === 'on',
    customSiteTitle: 'Signpost API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true },
  });
}
