import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** The OpenAPI document, generated from the controllers and what other routes tell of themselves. */
export function createDocument(app: INestApplication, publicUrl: string): OpenAPIObject {
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Signpost')
    .setVersion('1')
    .addServer(publicUrl)
    .addBearerAuth()
    .build();
  return SwaggerModule.createDocument(app, base);
}
