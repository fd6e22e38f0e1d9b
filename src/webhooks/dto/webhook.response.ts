import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '../../common/cursor.js';
import { EVENT_TYPES, type EventType } from '../../events/events.types.js';
import {
  DISABLED_REASONS,
  type DisabledReason,
  type NewWebhook,
  type Webhook,
} from '../webhooks.types.js';

const TIME = { type: String, format: 'date-time' } as const;

export const NEXT_CURSOR = {
  type: String,
  nullable: true,
  description: 'Send it as `cursor` to get the next page; null on the last one.',
  example: 'AZEtOlsufD-KTZ5vChssPQ',
} as const;

export class WebhookResponse {
  @ApiProperty({ format: 'uuid', example: '01912d3a-5555-7c3f-8a4d-9e6f0a1b2c3d' })
  id: string;

  @ApiProperty({ format: 'uri', example: 'https://example.com/hooks/signpost' })
  url: string;

  @ApiProperty({
    type: 'array',
    items: { type: 'string', enum: [...EVENT_TYPES] },
    example: ['link.created', 'link.updated', 'link.deleted'],
  })
  events: EventType[];

  @ApiProperty({ type: String, nullable: true, example: 'Keeps our catalogue up to date' })
  description: string | null;

  @ApiProperty({ example: false })
  disabled: boolean;

  @ApiProperty({ ...TIME, nullable: true, example: null })
  disabledAt: string | null;

  @ApiProperty({
    type: String,
    enum: [...DISABLED_REASONS, null],
    nullable: true,
    description:
      'requested: somebody wanted it; gone: it answered 410; failing: it took nothing for days.',
    example: null,
  })
  disabledReason: DisabledReason | null;

  @ApiProperty({ ...TIME, example: '2026-11-01T12:00:00.000Z' })
  createdAt: string;

  @ApiProperty({ ...TIME, example: '2026-11-01T12:00:00.000Z' })
  updatedAt: string;

  static from(webhook: Webhook): WebhookResponse {
    return {
      id: webhook.id,
      url: webhook.url,
      events: webhook.events,
      description: webhook.description,
      disabled: webhook.disabledAt !== null,
      disabledAt: webhook.disabledAt?.toISOString() ?? null,
      disabledReason: webhook.disabledReason,
      createdAt: webhook.createdAt.toISOString(),
      updatedAt: webhook.updatedAt.toISOString(),
    };
  }
}

export class NewWebhookResponse extends WebhookResponse {
  @ApiProperty({
    format: 'password',
    description: 'What signatures are made with. It is never shown again.',
    example: 'whsec_EXAMPLExAMPLExAMPLExAMPLExAMPLExAMPLExAMPLE=',
  })
  secret: string;

  static override from(webhook: NewWebhook): NewWebhookResponse {
    return Object.assign(WebhookResponse.from(webhook), { secret: webhook.secret });
  }
}

export class WebhookPageResponse {
  @ApiProperty({ type: [WebhookResponse] })
  items: WebhookResponse[];

  @ApiProperty(NEXT_CURSOR)
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<Webhook>): WebhookPageResponse {
    return { items: items.map((item) => WebhookResponse.from(item)), nextCursor };
  }
}

export class ReplayResponse {
  @ApiProperty({ type: 'integer', description: 'How many events are sent again.', example: 12 })
  events: number;
}
