import { ApiProperty } from '@nestjs/swagger';
import { type Dimension, DIMENSIONS } from '../../analytics.types.js';
import { INTERVALS, type Interval, type LinkReport } from '../reports.types.js';

class CountsResponse {
  @ApiProperty({ type: 'integer', description: 'Humans and bots.', example: 120 })
  clicks: number;

  @ApiProperty({ type: 'integer', example: 100 })
  humans: number;

  @ApiProperty({
    type: 'integer',
    description: 'Known bots, requests without a user agent, and prefetches.',
    example: 20,
  })
  bots: number;

  @ApiProperty({
    type: 'integer',
    description:
      'Humans told apart by address and browser. The number is exact for a link and a day in UTC. Over several days it is the sum of the days: who came on three days counts three times.',
    example: 80,
  })
  visitors: number;
}

class BucketResponse extends CountsResponse {
  @ApiProperty({
    format: 'date-time',
    description: 'When the bucket begins, with the offset of the time zone at that time.',
    example: '2026-11-01T00:00:00+01:00',
  })
  start: string;
}

class BreakdownRowResponse extends CountsResponse {
  @ApiProperty({ enum: DIMENSIONS, example: 'country' })
  dimension: Dimension;

  @ApiProperty({ type: String, nullable: true, description: 'null: not known.', example: 'DE' })
  value: string | null;

  @ApiProperty({
    description: 'Whether this row sums up all values beyond the limit.',
    example: false,
  })
  other: boolean;
}

export class LinkStatsResponse {
  @ApiProperty({ format: 'uuid', example: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d' })
  linkId: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-01T00:00:00+01:00' })
  from: string;

  @ApiProperty({
    format: 'date-time',
    description: 'The end, not included.',
    example: '2026-12-01T00:00:00+01:00',
  })
  to: string;

  @ApiProperty({ enum: INTERVALS, example: 'day' })
  interval: Interval;

  @ApiProperty({ example: 'Europe/Berlin' })
  timezone: string;

  @ApiProperty({ type: CountsResponse })
  totals: CountsResponse;

  @ApiProperty({
    type: [BucketResponse],
    description: 'Every bucket of the range; those without clicks, too.',
  })
  series: BucketResponse[];

  @ApiProperty({
    type: [BreakdownRowResponse],
    description: 'Most clicks first; empty without groupBy.',
  })
  breakdown: BreakdownRowResponse[];

  static from(report: LinkReport): LinkStatsResponse {
    return report;
  }
}
