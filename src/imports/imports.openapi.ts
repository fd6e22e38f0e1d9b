import { ApiParam } from '@nestjs/swagger';

export const LOCATION = {
  Location: { description: 'The path of the import.', schema: { type: 'string' } },
} as const;

export const ApiWorkspaceId = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'id', format: 'uuid', example: '01912d3a-1111-7c3f-8a4d-9e6f0a1b2c3d' });

export const ApiImportId = (): MethodDecorator =>
  ApiParam({ name: 'importId', format: 'uuid', example: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35' });
