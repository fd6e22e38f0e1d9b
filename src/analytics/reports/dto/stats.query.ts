import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsIn, IsInt, IsOptional, Max, Min, ValidateBy } from 'class-validator';
import { type Dimension, DIMENSIONS } from '../../analytics.types.js';
import { parseFilter } from '../filter.js';
import { INTERVALS, type Interval, type StatsQuery } from '../reports.types.js';
import { isDateOrTimestamp, LIMITS } from '../time-range.js';
import { TimeZone } from '../time-zone.js';

/** A rule for a text, with what it expects. */
const Text = (name: string, isRight: (text: string) => boolean, expected: string) =>
  ValidateBy({
    name,
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isRight(value),
      defaultMessage: () => `$property ${expected}`,
    },
  });

const IsTime = () =>
  Text(
    'isDateOrTimestamp',
    isDateOrTimestamp,
    'must be a date such as 2026-12-31, or a time of RFC 3339 with its offset from UTC',
  );
const IsTimeZone = () =>
  Text(
    'isTimeZone',
    (name) => TimeZone.find(name) !== undefined,
    'must be an IANA time zone such as Europe/Berlin',
  );

const toList = ({ value }: { value: unknown }): unknown =>
  [value].flat().flatMap((item) => (typeof item === 'string' ? item.split(',') : [item]));

export class LinkStatsQuery {
  @ApiPropertyOptional({
    description: `A date in the time zone or a time, which is rounded down to 15 minutes. By default 30 days before the end. The range is ${LIMITS}.`,
    example: '2026-11-01',
  })
  @IsOptional()
  @IsTime()
  from?: string;

  @ApiPropertyOptional({
    description:
      'A date, which is included, or a time, which is rounded up to 15 minutes. By default today.',
    example: '2026-11-30',
  })
  @IsOptional()
  @IsTime()
  to?: string;

  @ApiPropertyOptional({
    enum: INTERVALS,
    default: 'day',
    description: 'Weeks begin on Monday.',
    example: 'day',
  })
  @IsIn(INTERVALS, { message: `$property must be one of ${INTERVALS.join(', ')}` })
  interval: Interval = 'day';

  @ApiPropertyOptional({
    type: String,
    description: 'The IANA time zone in which hours, days, weeks and months begin.',
    default: 'UTC',
    example: 'Europe/Berlin',
  })
  @IsTimeZone()
  timezone: string = 'UTC';

  @ApiPropertyOptional({
    enum: DIMENSIONS,
    isArray: true,
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

  static toStatsQuery({ ...query }: LinkStatsQuery): StatsQuery {
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
      description: `Only clicks with this ${dimension}, or one of several with commas; with a leading minus, all but it. \`(unknown)\` stands for clicks whose ${dimension} is not known.`,
      example: dimension === 'country' ? 'US,FR' : '-(unknown)',
    }),
    IsOptional(),
    Text(
      'isFilter',
      (text) => text.length <= 1000 && parseFilter(dimension, text) !== undefined,
      'must be values with commas between them, each with a leading minus if it is not wanted',
    ),
  ];
  for (const decorate of decorators) decorate(LinkStatsQuery.prototype, dimension);
}
