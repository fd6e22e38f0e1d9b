import { Readable } from 'node:stream';
import { applyDecorators, StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import type { AuditChanges } from '../../audit/audit.types.js';
import type { Page } from '../../common/cursor.js';
import type { NamedAuditEvent } from '../workspaces.types.js';
import { JSON_LINES } from './audit.query.js';
import { NEXT_CURSOR } from './workspace.response.js';

const ID = { format: 'uuid', example: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35' } as const;
const TEXT = { type: String, nullable: true } as const;

export class AuditActorResponse {
  @ApiProperty({ enum: ['user', 'api-key', 'system'], example: 'user' })
  type: 'user' | 'api-key' | 'system';

  @ApiProperty({ ...ID, ...TEXT })
  id: string | null;

  @ApiProperty({
    ...TEXT,
    description: 'The e-mail address of who is a member still, or the name of an API key.',
    example: 'ada@example.com',
  })
  name: string | null;
}

export class AuditTargetResponse {
  @ApiProperty({ example: 'link' })
  type: string;

  @ApiProperty({ example: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d' })
  id: string;
}

export class AuditContextResponse {
  @ApiProperty({ ...TEXT, example: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35' })
  requestId: string | null;

  @ApiProperty({ ...TEXT, description: 'Cut to its /24 or /48.', example: '192.0.2.0/24' })
  address: string | null;

  @ApiProperty({ ...TEXT, description: 'At most 200 characters.', example: 'curl/8.5.0' })
  userAgent: string | null;
}

export class AuditEventResponse {
  @ApiProperty(ID)
  id: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-01T12:00:00.000Z' })
  occurredAt: string;

  @ApiProperty({ description: '`<noun>.<past participle>`', example: 'link.updated' })
  action: string;

  @ApiProperty()
  actor: AuditActorResponse;

  @ApiProperty({ type: [AuditTargetResponse] })
  targets: AuditTargetResponse[];

  @ApiProperty({
    type: 'object',
    description: 'The fields that were changed. Of something new all were null before.',
    additionalProperties: {
      type: 'object',
      properties: { from: {}, to: {} },
      required: ['from', 'to'],
    },
    example: { title: { from: 'Summer sale', to: 'Winter sale' } },
  })
  changes: AuditChanges;

  @ApiProperty()
  context: AuditContextResponse;

  @ApiProperty({ enum: ['success', 'failure'], example: 'success' })
  outcome: 'success' | 'failure';

  static from(event: NamedAuditEvent): AuditEventResponse {
    const { id, occurredAt, action, actor, actorName, targets, changes, context, outcome } = event;
    return {
      id,
      occurredAt: occurredAt.toISOString(),
      action,
      actor: { ...actor, name: actorName },
      targets,
      changes,
      context,
      outcome,
    };
  }
}

export class AuditPageResponse {
  @ApiProperty({ type: [AuditEventResponse] })
  items: AuditEventResponse[];

  @ApiProperty(NEXT_CURSOR)
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<NamedAuditEvent>): AuditPageResponse {
    return { items: items.map((item) => AuditEventResponse.from(item)), nextCursor };
  }
}

/** Documents an answer that can be had as a page, or with all events as JSON lines. */
export const ApiAuditEvents = (): MethodDecorator =>
  applyDecorators(
    ApiExtraModels(AuditPageResponse),
    ApiOkResponse({
      description:
        'A page, or all events as JSON lines (`Accept: application/x-ndjson`, or `format=jsonl`): `limit` ' +
        'and `cursor` do not matter then. If they break off, so does the connection.',
      content: {
        'application/json': { schema: { $ref: getSchemaPath(AuditPageResponse) } },
        [JSON_LINES]: {
          schema: { type: 'string', description: 'An AuditEventResponse a line.' },
        },
      },
    }),
  );

/** All events, a line each; they are sent while they are read. */
export function auditLines(batches: AsyncIterable<NamedAuditEvent[]>): StreamableFile {
  const lines = Readable.from(linesOf(batches), { objectMode: false });
  return new StreamableFile(lines, { type: JSON_LINES });
}

async function* linesOf(batches: AsyncIterable<NamedAuditEvent[]>): AsyncGenerator<string> {
  for await (const batch of batches) {
    yield batch.map((event) => `${JSON.stringify(AuditEventResponse.from(event))}\n`).join('');
  }
}
