import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import type { ClickEventQuery } from '../reports.types.js';
import { type Format, FormatParameter } from './format.query.js';
import { PeriodQuery } from './period.query.js';

export class ClickEventsRequest extends PeriodQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 50, example: 50 })
  @Max(200)
  @Min(1)
  @IsInt()
  @Type(() => Number)
  limit = 50;

  @ApiPropertyOptional({
    description: 'The nextCursor of the page before. It is opaque: do not build it yourself.',
    example: 'AZEtOlsufD-KTZ5vChssPQmibyp0yx',
  })
  @IsOptional()
  @Length(1, 100)
  @IsString()
  cursor?: string;

  @FormatParameter()
  format?: Format;

  static toQuery({ format: _, ...query }: ClickEventsRequest): ClickEventQuery {
    return query;
  }
}
