import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  ValidateIf,
} from 'class-validator';
import { IsTimestamp, TIMESTAMP_PATTERN } from '../../common/validation/is-timestamp.decorator.js';
import {
  MaxCodePoints,
  NoControlCharacters,
  PLAIN_TEXT_PATTERN,
} from '../../common/validation/text.rules.js';
import { EVENT_TYPES, type EventType } from '../../events/events.types.js';

const URL_SCHEMA = {
  description:
    'Where events are sent to: http or https, without user name, at an address that everybody reaches, unless whoever runs the service allows private ones.',
  format: 'uri',
  pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^/]',
  maxLength: 2048,
  example: 'https://example.com/hooks/signpost',
} as const;
const EVENTS_SCHEMA = {
  type: 'array' as const,
  items: { type: 'string' as const, enum: [...EVENT_TYPES] },
  description: 'Which events are sent.',
  minItems: 1,
  maxItems: EVENT_TYPES.length,
  example: ['link.created', 'link.updated', 'link.deleted'],
};
const DESCRIPTION_SCHEMA = {
  type: String,
  nullable: true,
  description: 'What it is for.',
  maxLength: 200,
  pattern: PLAIN_TEXT_PATTERN,
  example: 'Keeps our catalogue up to date',
} as const;
const TIME = { type: String, format: 'date-time', pattern: TIMESTAMP_PATTERN } as const;

const isGiven = (_: object, value: unknown): boolean => value !== undefined;

const IsWebhookUrl = (): PropertyDecorator =>
  applyDecorators(
    Matches(/^https?:\/\/[^/]/i, { message: '$property must be an http:// or https:// URL' }),
    NoControlCharacters(),
    MaxLength(2048),
    IsString(),
  );

const AreEventTypes = (): PropertyDecorator =>
  applyDecorators(
    IsIn(EVENT_TYPES, {
      each: true,
      message: `each of $property must be one of ${EVENT_TYPES.join(', ')}`,
    }),
    ArrayMaxSize(EVENT_TYPES.length),
    ArrayMinSize(1),
    IsArray(),
  );

const IsDescription = (): PropertyDecorator =>
  applyDecorators(IsOptional(), NoControlCharacters(), MaxCodePoints(200), IsString());

export class CreateWebhookRequest {
  @ApiProperty(URL_SCHEMA)
  @IsWebhookUrl()
  url: string;

  @ApiProperty(EVENTS_SCHEMA)
  @AreEventTypes()
  events: EventType[];

  @ApiPropertyOptional(DESCRIPTION_SCHEMA)
  @IsDescription()
  description?: string | null;
}

/** Absent fields stay as they are. */
export class UpdateWebhookRequest {
  @ApiPropertyOptional(URL_SCHEMA)
  @ValidateIf(isGiven)
  @IsWebhookUrl()
  url?: string;

  @ApiPropertyOptional(EVENTS_SCHEMA)
  @ValidateIf(isGiven)
  @AreEventTypes()
  events?: EventType[];

  @ApiPropertyOptional(DESCRIPTION_SCHEMA)
  @IsDescription()
  description?: string | null;

  @ApiPropertyOptional({
    description:
      'Whether it is told nothing. What happens meanwhile is not sent later, unless it is replayed.',
    example: false,
  })
  @ValidateIf(isGiven)
  @IsBoolean()
  disabled?: boolean;
}

export class ReplayRequest {
  @ApiProperty({ ...TIME, description: 'Not before.', example: '2026-11-01T00:00:00Z' })
  @IsTimestamp()
  from: string;

  @ApiPropertyOptional({
    ...TIME,
    description: 'Before; now, if it is absent.',
    example: '2026-11-02T00:00:00Z',
  })
  @ValidateIf(isGiven)
  @IsTimestamp()
  until?: string;

  static toRange({ from, until }: ReplayRequest): { from: Date; until?: Date } {
    return { from: new Date(from), ...(until !== undefined && { until: new Date(until) }) };
  }
}
