import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, IsUUID, Length, Matches } from 'class-validator';
import type { AuditQuery } from '../../audit/audit.types.js';
import { prefersType } from '../../common/prefers-type.js';
import { IsTimestamp, TIMESTAMP_PATTERN } from '../../common/validation/is-timestamp.decorator.js';
import { PageQuery } from '../../common/validation/page.query.js';
import { NoControlCharacters, PLAIN_TEXT_PATTERN } from '../../common/validation/text.rules.js';

const FORMATS = ['json', 'jsonl'] as const;
export const JSON_LINES = 'application/x-ndjson';

const ACTION_PATTERN = String.raw`^[a-z][a-z-]{0,49}\.([a-z-]{1,50})?$`;
const TIME = { type: String, format: 'date-time', pattern: TIMESTAMP_PATTERN } as const;

export class AuditQueryRequest extends PageQuery {
  @ApiPropertyOptional({
    description: 'Only this action; if it ends with a dot, all that begin with it.',
    pattern: ACTION_PATTERN,
    example: 'link.',
  })
  @IsOptional()
  @Matches(new RegExp(ACTION_PATTERN), {
    message: '$property must be an action like link.updated, or the beginning of one like link.',
  })
  @IsString()
  action?: string;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'Only what this user, or this API key, has done.',
    example: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35',
  })
  @IsOptional()
  @IsUUID()
  actorId?: string;

  @ApiPropertyOptional({
    description: 'Only what was done to the target with this id.',
    minLength: 1,
    maxLength: 300,
    pattern: PLAIN_TEXT_PATTERN,
    example: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d',
  })
  @IsOptional()
  @NoControlCharacters()
  @Length(1, 300)
  @IsString()
  targetId?: string;

  @ApiPropertyOptional({ ...TIME, description: 'Not before.', example: '2026-11-01T00:00:00Z' })
  @IsOptional()
  @IsTimestamp()
  from?: string;

  @ApiPropertyOptional({ ...TIME, description: 'Before.', example: '2026-12-01T00:00:00Z' })
  @IsOptional()
  @IsTimestamp()
  until?: string;

  @ApiPropertyOptional({
    enum: FORMATS,
    description: 'The same as `Accept`, which it overrides.',
    example: 'json',
  })
  @IsOptional()
  @IsIn(FORMATS, { message: `$property must be one of ${FORMATS.join(', ')}` })
  format?: (typeof FORMATS)[number];

  /** Whether all events are wanted as JSON lines. */
  static wantsLines({ format }: AuditQueryRequest, accept: string | undefined): boolean {
    return format === undefined ? prefersType(JSON_LINES, accept) : format === 'jsonl';
  }

  static toQuery({ limit, cursor, action, ...query }: AuditQueryRequest): AuditQuery {
    return {
      limit,
      cursor,
      action,
      actorId: query.actorId,
      targetId: query.targetId,
      from: toDate(query.from),
      until: toDate(query.until),
    };
  }
}

const toDate = (time: string | undefined): Date | undefined =>
  time === undefined ? undefined : new Date(time);
