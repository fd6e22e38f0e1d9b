import { type ApiHeaderOptions, ApiParam } from '@nestjs/swagger';
import { IF_MATCH_PATTERN } from '../common/etag.js';

export const ETAG = {
  ETag: { description: 'The version, for If-Match.', schema: { type: 'string' }, example: '"1"' },
} as const;

export const LOCATION = {
  Location: { description: 'The path of the new link.', schema: { type: 'string' } },
} as const;

export const IF_MATCH = {
  name: 'If-Match',
  required: false,
  description: 'The ETag the change is meant for; if the link has changed since: 412.',
  schema: { type: 'string', pattern: IF_MATCH_PATTERN },
  example: '"1"',
} as const;

export const IF_NONE_MATCH = {
  name: 'If-None-Match',
  required: false,
  description: 'With `*` the link must be new; if there is one: 412.',
  schema: { type: 'string', enum: ['*'] },
  example: '*',
} satisfies ApiHeaderOptions;

export const ApiLinkId = (): MethodDecorator =>
  ApiParam({ name: 'id', format: 'uuid', example: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d' });

/** Enough for the most rules, with lists of some length. */
export const MAX_VALUES_OF_LINK = 1_000;
