import { ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { TIMESTAMP_PATTERN } from '../../../common/validation/is-timestamp.decorator.js';
import { BeginsBeforeItEnds, IsTime, IsTimeZone } from './query.rules.js';

const TIME = {
  type: 'string',
  pattern: TIMESTAMP_PATTERN,
  anyOf: [{ format: 'date' }, { format: 'date-time' }],
} satisfies ApiPropertyOptions;

export class PeriodQuery {
  @ApiPropertyOptional({
    ...TIME,
    description: 'The start: a date in the time zone, or a time of RFC 3339.',
    example: '2026-11-01',
  })
  @IsOptional()
  @BeginsBeforeItEnds()
  @IsTime()
  from?: string;

  @ApiPropertyOptional({
    ...TIME,
    description: 'The end: a date, which is included, or a time, which is not.',
    example: '2026-11-30',
  })
  @IsOptional()
  @BeginsBeforeItEnds()
  @IsTime()
  to?: string;

  @ApiPropertyOptional({
    type: String,
    pattern: '^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$',
    description: 'The IANA time zone in which hours, days, weeks and months begin.',
    default: 'UTC',
    example: 'Europe/Berlin',
  })
  @IsTimeZone()
  timezone = 'UTC';
}
