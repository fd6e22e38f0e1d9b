import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { type Dimension, DIMENSIONS } from '../../analytics.types.js';
import { IsTag, TAG_SCHEMA } from '../../../common/validation/text.rules.js';
import { FILTER_PATTERN, parseFilter } from '../filter.js';
import {
  INTERVALS,
  type Interval,
  type StatsQuery,
  type WorkspaceStatsQuery,
} from '../reports.types.js';
import { type Format, FormatParameter } from './format.query.js';
import { PeriodQuery } from './period.query.js';
import { Text, toList } from './query.rules.js';

/** Control characters and halves of characters: no value has them, and PostgreSQL takes no NUL. */
const NO_TEXT = /[\p{Cc}\p{Cs}]/u;

export class StatsRequest extends PeriodQuery {
  @ApiPropertyOptional({
    enum: INTERVALS,
    default: 'day',
    description: 'Weeks begin on Monday.',
    example: 'day',
  })
  @IsIn(INTERVALS, { message: `$property must be one of ${INTERVALS.join(', ')}` })
  interval: Interval = 'day';

  @ApiPropertyOptional({
    enum: DIMENSIONS,
    isArray: true,
    maxItems: DIMENSIONS.length,
    description: 'What to break the totals down by: one or several, with commas.',
    example: ['country', 'browser'],
  })
  @IsIn(DIMENSIONS, { each: true, message: `$property must be of ${DIMENSIONS.join(', ')}` })
  @ArrayMaxSize(DIMENSIONS.length)
  @Transform(toList)
  groupBy: Dimension[] = [];

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 100,
    default: 10,
    description: 'How many values of each dimension; the rest is one row with `other: true`.',
    example: 10,
  })
  @Max(100)
  @Min(1)
  @IsInt()
  @Type(() => Number)
  limit = 10;

  @FormatParameter()
  format?: Format;

  static toStatsQuery({ ...query }: StatsRequest): StatsQuery {
    const texts = query as Partial<Record<Dimension, string>>;
    const filters = DIMENSIONS.flatMap((dimension) => {
      const text = texts[dimension];
      return text === undefined ? [] : [parseFilter(dimension, text)!];
    });
    const { from, to, interval, timezone, limit } = query;
    return { from, to, interval, timezone, limit, groupBy: [...new Set(query.groupBy)], filters };
  }
}

/** One filter for each dimension, all alike. */
for (const dimension of DIMENSIONS) {
  const decorators = [
    ApiPropertyOptional({
      type: String,
      pattern: FILTER_PATTERN,
      maxLength: 1000,
      description: `Only clicks with this ${dimension}, or one of several with commas; with a leading minus, all but it (\`-US,-FR\`). \`(unknown)\` stands for clicks whose ${dimension} is not known, \`(other)\` for those whose ${dimension} was counted with others because it was rare on a day with very many; a backslash stands before a comma, a leading minus or a leading parenthesis that is part of the value.`,
      example: dimension === 'country' ? 'US,FR' : '-(unknown)',
    }),
    IsOptional(),
    Text(
      'isFilter',
      (text) =>
        Array.from(text).length <= 1000 &&
        !NO_TEXT.test(text) &&
        parseFilter(dimension, text) !== undefined,
      'must be values with commas between them, each with a leading minus if it is not wanted, and without control characters',
    ),
  ];
  for (const decorate of decorators) decorate(StatsRequest.prototype, dimension);
}

export class WorkspaceStatsRequest extends StatsRequest {
  @ApiPropertyOptional({
    ...TAG_SCHEMA,
    description: 'Only links with this tag.',
    example: 'newsletter',
  })
  @IsOptional()
  @IsTag()
  tag?: string;

  static toWorkspaceStatsQuery(query: WorkspaceStatsRequest): WorkspaceStatsQuery {
    return { ...StatsRequest.toStatsQuery(query), tag: query.tag };
  }
}
