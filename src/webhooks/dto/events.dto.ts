import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import type { Page } from '../../common/cursor.js';
import { EVENT_TYPES, type EventType, type WorkspaceEvent } from '../../events/events.types.js';

export class ListEventsQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 50, example: 50 })
  @Max(200)
  @Min(1)
  @IsInt()
  @Type(() => Number)
  limit = 50;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The `id` of the last event that you have seen; from the beginning without it.',
    example: '01912d3a-6666-7c3f-8a4d-9e6f0a1b2c3d',
  })
  @IsOptional()
  @IsUUID()
  after?: string;

  @ApiPropertyOptional({
    enum: EVENT_TYPES,
    description: 'Only events of this type.',
    example: 'link.created',
  })
  @IsOptional()
  @IsIn(EVENT_TYPES, { message: `$property must be one of ${EVENT_TYPES.join(', ')}` })
  type?: EventType;
}

export class EventResponse {
  @ApiProperty({
    format: 'uuid',
    description: 'The same as the `webhook-id` of its deliveries.',
    example: '01912d3a-6666-7c3f-8a4d-9e6f0a1b2c3d',
  })
  id: string;

  @ApiProperty({ enum: EVENT_TYPES, example: 'link.deleted' })
  type: EventType;

  @ApiProperty({ format: 'date-time', example: '2026-11-01T12:00:00.000Z' })
  timestamp: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'What it is depends on the type.',
    example: { from: '01912d3a-2222-7c3f-8a4d-9e6f0a1b2c3d' },
  })
  data: object;
}

export class EventPageResponse {
  @ApiProperty({ type: [EventResponse] })
  items: EventResponse[];

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description:
      'Send it as `after` to get what there is more; null if there is none yet. Ask again later, after the last `id` that you have seen.',
    example: '01912d3a-6666-7c3f-8a4d-9e6f0a1b2c3d',
  })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<WorkspaceEvent>): EventPageResponse {
    return {
      items: items.map(({ id, type, occurredAt, data }) => ({
        id,
        type,
        timestamp: occurredAt.toISOString(),
        data,
      })),
      nextCursor,
    };
  }
}
