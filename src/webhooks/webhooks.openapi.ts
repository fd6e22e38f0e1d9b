import { ApiParam } from '@nestjs/swagger';
import { IF_MATCH_PATTERN } from '../common/etag.js';

export const ETAG = {
  ETag: { description: 'The version, for If-Match.', schema: { type: 'string' }, example: '"1"' },
} as const;

export const LOCATION = {
  Location: { description: 'The path of what was made.', schema: { type: 'string' } },
} as const;

export const IF_MATCH = {
  name: 'If-Match',
  required: false,
  description: 'The ETag the change is meant for; if the webhook has changed since: 412.',
  schema: { type: 'string', pattern: IF_MATCH_PATTERN },
  example: '"1"',
} as const;

const ID = { format: 'uuid', example: '01912d3a-5555-7c3f-8a4d-9e6f0a1b2c3d' } as const;

export const ApiWorkspaceId = (): MethodDecorator & ClassDecorator =>
  ApiParam({ ...ID, name: 'id', example: '01912d3a-1111-7c3f-8a4d-9e6f0a1b2c3d' });

export const ApiWebhookId = (): MethodDecorator & ClassDecorator =>
  ApiParam({ ...ID, name: 'webhookId' });

export const ApiEventId = (): MethodDecorator => ApiParam({ ...ID, name: 'eventId' });
