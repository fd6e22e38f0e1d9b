import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '../../common/cursor.js';
import type { Domain, DomainRecord } from '../domains.types.js';

const TIME = { type: String, format: 'date-time' } as const;
const URL = { type: String, format: 'uri', nullable: true } as const;

class DomainRecordResponse implements DomainRecord {
  @ApiProperty({ enum: ['TXT'], example: 'TXT' })
  type: 'TXT';

  @ApiProperty({ example: '_signpost.go.brand.example' })
  name: string;

  @ApiProperty({ example: 'signpost-verification=5d41402abc4b2a76b9719d911017c592' })
  value: string;
}

export class DomainResponse {
  @ApiProperty({ format: 'uuid', example: '01912d3a-5555-7c3f-8a4d-9e6f0a1b2c3d' })
  id: string;

  @ApiProperty({ format: 'uuid', example: '01912d3a-1111-7c3f-8a4d-9e6f0a1b2c3d' })
  workspaceId: string;

  @ApiProperty({ example: 'go.brand.example' })
  host: string;

  @ApiProperty({ ...URL, example: 'https://www.brand.example/' })
  rootRedirectUrl: string | null;

  @ApiProperty({ ...URL, example: null })
  notFoundRedirectUrl: string | null;

  @ApiProperty({ ...TIME, example: '2026-11-01T12:00:00.000Z' })
  createdAt: string;

  @ApiProperty({
    ...TIME,
    nullable: true,
    description: 'Since when the domain answers and can have links; null while it is only claimed.',
    example: '2026-11-01T12:05:00.000Z',
  })
  verifiedAt: string | null;

  @ApiProperty({
    type: DomainRecordResponse,
    description: 'What to add to the DNS of the host before it is verified.',
  })
  record: DomainRecordResponse;

  static from({ version: _, createdAt, verifiedAt, ...domain }: Domain): DomainResponse {
    return {
      ...domain,
      createdAt: createdAt.toISOString(),
      verifiedAt: verifiedAt?.toISOString() ?? null,
    };
  }
}

export class DomainPageResponse {
  @ApiProperty({ type: [DomainResponse] })
  items: DomainResponse[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Send it as `cursor` to get the next page; null on the last one.',
    example: 'AZEtOlsufD-KTZ5vChssPQ',
  })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<Domain>): DomainPageResponse {
    return { items: items.map((item) => DomainResponse.from(item)), nextCursor };
  }
}
