import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type Dimension, DIMENSIONS } from '../../analytics.types.js';
import {
  INTERVALS,
  type Interval,
  type LinkReport,
  VISITORS_UNKNOWN,
  type VisitorsUnknown,
  type WorkspaceReport,
} from '../reports.types.js';

export class CountsResponse {
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
    nullable: true,
    description:
      'Humans told apart by address and browser. Exact for a link and a day in UTC, where each counts with their first click of the day that passes the filters. Over several days or links it is a sum: who came on three days counts three times. null: there were some, but how many cannot be told; see `visitorsUnknown`.',
    example: 80,
  })
  visitors: number | null;

  @ApiPropertyOptional({
    enum: VISITORS_UNKNOWN,
    description:
      'Only where `visitors` is null. `varying-value`: a filter or the row is by a referrer, a language, a campaign, a target or a QR code, which may be others at the next click of the same visitor, and the single clicks are more than 10,000, or not all kept. `came-before`: all were counted earlier on the same day in UTC.',
  })
  visitorsUnknown?: VisitorsUnknown;
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
    description:
      'Whether this row sums up all values beyond the limit, and those that were counted together because there were very many.',
    example: false,
  })
  other: boolean;
}

class ReportResponse {
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
}

export class LinkStatsResponse extends ReportResponse {
  @ApiProperty({ format: 'uuid', example: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d' })
  linkId: string;

  static from(report: LinkReport): LinkStatsResponse {
    return { ...report };
  }
}

class TopLinkResponse extends CountsResponse {
  @ApiProperty({ format: 'uuid', example: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d' })
  linkId: string;

  @ApiProperty({ example: 'summer-sale' })
  code: string;

  @ApiProperty({ format: 'uri', example: 'https://go.example.com/summer-sale' })
  shortUrl: string;

  @ApiProperty({ type: String, nullable: true, example: 'Summer sale 2026' })
  title: string | null;
}

class TagCountsResponse extends CountsResponse {
  @ApiProperty({ example: 'newsletter' })
  tag: string;
}

export class WorkspaceStatsResponse extends ReportResponse {
  @ApiProperty({ format: 'uuid', example: '01912d3a-1111-7c3f-8a4d-9e6f0a1b2c3d' })
  workspaceId: string;

  @ApiProperty({
    type: [TopLinkResponse],
    description: 'The links with the most clicks, at most `limit`.',
  })
  topLinks: TopLinkResponse[];

  @ApiProperty({
    type: [TagCountsResponse],
    description:
      'The tags whose links have the most clicks, at most `limit`. A link with several tags counts for each.',
  })
  tags: TagCountsResponse[];

  static from(report: WorkspaceReport): WorkspaceStatsResponse {
    return { ...report };
  }
}
