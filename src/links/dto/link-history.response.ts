import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '../../common/cursor.js';
import type { LinkVersion } from '../links.types.js';

export class LinkVersionResponse {
  @ApiProperty({ type: 'integer', description: 'The version that the change made.', example: 2 })
  version: number;

  @ApiProperty({ format: 'date-time', example: '2026-11-01T12:00:00.000Z' })
  changedAt: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The user or the API key.',
    example: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35',
  })
  changedBy: string | null;

  @ApiProperty({ example: 'link.updated' })
  action: string;

  @ApiProperty({
    type: 'object',
    description: 'The fields that were changed. Of a new link all were null before.',
    additionalProperties: {
      type: 'object',
      properties: { from: {}, to: {} },
      required: ['from', 'to'],
    },
    example: { title: { from: 'Summer sale', to: 'Winter sale' } },
  })
  changes: LinkVersion['changes'];
}

export class LinkHistoryResponse {
  @ApiProperty({ type: [LinkVersionResponse] })
  items: LinkVersionResponse[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Send it as `cursor` to get the next page; null on the last one.',
    example: 'AZEtOlsufD-KTZ5vChssPQ',
  })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<LinkVersion>): LinkHistoryResponse {
    const present = ({ changedAt, ...version }: LinkVersion): LinkVersionResponse => ({
      ...version,
      changedAt: changedAt.toISOString(),
    });
    return { items: items.map(present), nextCursor };
  }
}
