import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import type { Page } from '../../common/cursor.js';
import { PageQuery } from '../../common/validation/page.query.js';
import { EVENT_TYPES } from '../../events/events.types.js';
import {
  type Attempt,
  type Delivery,
  DELIVERY_STATUSES,
  type DeliveryStatus,
  TEST_EVENT,
} from '../webhooks.types.js';
import { NEXT_CURSOR } from './webhook.response.js';

const TIME = { type: String, format: 'date-time' } as const;

export class ListDeliveriesQuery extends PageQuery {
  @ApiPropertyOptional({ enum: DELIVERY_STATUSES, example: 'failed' })
  @IsOptional()
  @IsIn(DELIVERY_STATUSES, {
    message: `$property must be one of ${DELIVERY_STATUSES.join(', ')}`,
  })
  status?: DeliveryStatus;
}

export class AttemptResponse {
  @ApiProperty({ ...TIME, example: '2026-11-01T12:00:00.000Z' })
  at: string;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'The status of the answer; null if there was none.',
    example: 204,
  })
  status: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why there was none.',
    example: null,
  })
  error: string | null;

  @ApiProperty({ type: 'integer', minimum: 0, example: 120 })
  durationMs: number;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'How the body of the answer began: up to 1,024 bytes.',
    example: '',
  })
  answer: string | null;
}

export class DeliveryResponse {
  @ApiProperty({
    format: 'uuid',
    description: 'The `webhook-id` of all tries.',
    example: '01912d3a-6666-7c3f-8a4d-9e6f0a1b2c3d',
  })
  eventId: string;

  @ApiProperty({ enum: [...EVENT_TYPES, TEST_EVENT], example: 'link.created' })
  type: string;

  @ApiProperty({ enum: DELIVERY_STATUSES, example: 'succeeded' })
  status: DeliveryStatus;

  @ApiProperty({ ...TIME, example: '2026-11-01T12:00:00.000Z' })
  createdAt: string;

  @ApiProperty({ ...TIME, nullable: true, example: '2026-11-01T12:00:01.000Z' })
  finishedAt: string | null;

  @ApiProperty({ ...TIME, nullable: true, example: null })
  nextTryAt: string | null;

  @ApiProperty({
    type: [AttemptResponse],
    description: 'The last tries, up to 20, the oldest first.',
  })
  attempts: Attempt[];

  static from({ createdAt, finishedAt, nextTryAt, ...delivery }: Delivery): DeliveryResponse {
    return {
      ...delivery,
      createdAt: createdAt.toISOString(),
      finishedAt: finishedAt?.toISOString() ?? null,
      nextTryAt: nextTryAt?.toISOString() ?? null,
    };
  }
}

export class DeliveryPageResponse {
  @ApiProperty({ type: [DeliveryResponse] })
  items: DeliveryResponse[];

  @ApiProperty(NEXT_CURSOR)
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<Delivery>): DeliveryPageResponse {
    return { items: items.map((item) => DeliveryResponse.from(item)), nextCursor };
  }
}
