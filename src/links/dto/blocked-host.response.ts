import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '../../common/cursor.js';
import type { BlockedHost } from '../links.types.js';

/** A host that links do not lead to, and with it all hosts below it. */
export class BlockedHostResponse {
  @ApiProperty({
    description: 'In its normal form: lower case, IDN as punycode, IPv6 in brackets.',
    example: 'evil.example',
  })
  host: string;

  @ApiProperty({ example: 'Malware' })
  reason: string;

  @ApiProperty({
    format: 'uuid',
    description: 'Who blocked it.',
    example: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35',
  })
  createdBy: string;

  @ApiProperty({ format: 'date-time', example: '2026-12-01T08:00:00.000Z' })
  createdAt: string;

  static from({ createdAt, ...fields }: BlockedHost): BlockedHostResponse {
    return { ...fields, createdAt: createdAt.toISOString() };
  }
}

export class BlockedHostPageResponse {
  @ApiProperty({ type: [BlockedHostResponse] })
  items: BlockedHostResponse[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Send it as `cursor` to get the next page; null on the last one.',
    example: 'AZEtOlsufD-KTZ5vChssPQ',
  })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<BlockedHost>): BlockedHostPageResponse {
    return { items: items.map((host) => BlockedHostResponse.from(host)), nextCursor };
  }
}
