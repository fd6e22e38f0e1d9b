import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { CURSOR_PATTERN } from '../cursor.js';

/** Documents a cursor: an id, unless the list is ordered by something else. */
export const ApiCursor = (pattern = CURSOR_PATTERN, example = 'AZEtOlsufD-KTZ5vChssPQ') =>
  ApiPropertyOptional({
    description: 'The nextCursor of the page before. It is opaque: do not build it yourself.',
    minLength: 1,
    maxLength: 100,
    pattern,
    example,
  });

/** Which part of a long list: the query parameters of every list that has pages. */
export class PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 50, example: 50 })
  @Max(200)
  @Min(1)
  @IsInt()
  @Type(() => Number)
  limit = 50;

  @ApiCursor()
  @IsOptional()
  @Length(1, 100)
  @IsString()
  cursor?: string;
}
