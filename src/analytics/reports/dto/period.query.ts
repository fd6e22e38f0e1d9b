import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { BeginsBeforeItEnds, IsTime, IsTimeZone } from './query.rules.js';

export class PeriodQuery {
  @ApiPropertyOptional({
    description: 'The start: a date in the time zone, or a time of RFC 3339.',
    example: '2026-11-01',
  })
  @IsOptional()
  @BeginsBeforeItEnds()
  @IsTime()
  from?: string;

  @ApiPropertyOptional({
    description: 'The end: a date, which is included, or a time, which is not.',
    example: '2026-11-30',
  })
  @IsOptional()
  @BeginsBeforeItEnds()
  @IsTime()
  to?: string;

  @ApiPropertyOptional({
    type: String,
    description: 'The IANA time zone in which hours, days, weeks and months begin.',
    default: 'UTC',
    example: 'Europe/Berlin',
  })
  @IsTimeZone()
  timezone = 'UTC';
}
