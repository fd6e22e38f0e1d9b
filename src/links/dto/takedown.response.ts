import { ApiProperty } from '@nestjs/swagger';
import type { Takedown } from '../links.types.js';

const ID = { format: 'uuid', example: '01912d3a-1111-7c3f-8a4d-9e6f0a1b2c3d' } as const;

/** Of a link of any workspace, what a takedown needs. */
export class TakedownResponse {
  @ApiProperty({ description: 'The host of the short URL.', example: 'go.example.com' })
  domain: string;

  @ApiProperty({ example: 'summer-sale' })
  code: string;

  @ApiProperty({ description: 'The target URL.', format: 'uri', example: 'https://example.com/' })
  url: string;

  @ApiProperty({
    type: [String],
    description: 'Where else it leads: by rules, a split, or when it has ended.',
    example: [],
  })
  otherUrls: string[];

  @ApiProperty(ID)
  workspaceId: string;

  @ApiProperty({ ...ID, type: String, nullable: true, description: 'Who made the link.' })
  createdBy: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-12-01T08:00:00.000Z',
  })
  disabledAt: string | null;

  @ApiProperty({ ...ID, type: String, nullable: true, description: 'Who disabled it.' })
  disabledBy: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'Phishing, reported by the bank' })
  disabledReason: string | null;

  static from({ disabledAt, ...fields }: Takedown): TakedownResponse {
    return { ...fields, disabledAt: disabledAt?.toISOString() ?? null };
  }
}
