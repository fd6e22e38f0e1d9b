import { ApiProperty } from '@nestjs/swagger';
import type { LinkTotalsReport } from '../reports.types.js';
import { tellVisitors } from '../visitors.js';
import { CountsResponse } from './stats.response.js';

const TIME = { type: String, format: 'date-time', nullable: true } as const;
const UUID = { format: 'uuid' } as const;

class LinkTotalsItemResponse extends CountsResponse {
  @ApiProperty({ ...UUID, example: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d' })
  linkId: string;

  @ApiProperty({
    ...TIME,
    description: 'The last click of all time.',
    example: '2026-11-23T09:41:12.345Z',
  })
  lastClickedAt: string | null;
}

export class LinkTotalsResponse {
  @ApiProperty({ ...TIME, description: 'null: of all time.', example: '2026-11-01T00:00:00Z' })
  from: string | null;

  @ApiProperty({ ...TIME, description: 'The end, not included.', example: '2026-12-01T00:00:00Z' })
  to: string | null;

  @ApiProperty({ type: [LinkTotalsItemResponse], description: 'In the order asked for.' })
  items: LinkTotalsItemResponse[];

  @ApiProperty({
    type: [String],
    description: 'The ids of which there is no link, or none that you may see.',
    example: ['01912d3a-7777-7c3f-8a4d-9e6f0a1b2c3d'],
  })
  notFound: string[];

  static from({ items, ...report }: LinkTotalsReport): LinkTotalsResponse {
    return {
      ...report,
      items: items.map((item) => ({
        ...tellVisitors(item, []),
        lastClickedAt: item.lastClickedAt?.toISOString() ?? null,
      })),
    };
  }
}
