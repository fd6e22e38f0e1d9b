import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { createDocument } from './document.js';

/** Serves /openapi.json and /docs, which shows it and loads nothing from another host. */
export function serveDocs(app: NestFastifyApplication, publicUrl: string): void {
  SwaggerModule.setup('docs', app, () => createDocument(app, publicUrl), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Signpost API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true },
  });
}
