import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '../../common/cursor.js';
import type { OwnSession } from '../auth.types.js';

const TIME = { format: 'date-time', example: '2026-11-23T09:30:00.000Z' } as const;

export class SessionClientResponse {
  @ApiProperty({ type: String, nullable: true, example: 'Firefox' })
  browser: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'Linux' })
  os: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The address, cut to its /24 (IPv4) or /48 (IPv6): the rest is not stored.',
    example: '203.0.113.0/24',
  })
  network: string | null;
}

export class SessionResponse {
  @ApiProperty({ format: 'uuid', example: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35' })
  id: string;

  @ApiProperty({ ...TIME, description: 'When it was begun by a login.' })
  createdAt: string;

  @ApiProperty({ ...TIME, description: 'At most a minute behind.' })
  lastUsedAt: string;

  @ApiProperty({ ...TIME, description: 'When it ends unless it is refreshed.' })
  expiresAt: string;

  @ApiProperty({ description: 'Whether it is the one that asks.', example: true })
  current: boolean;

  @ApiProperty({
    type: SessionClientResponse,
    description: 'Where it was begun or refreshed last; null is unknown.',
  })
  client: SessionClientResponse;

  static from({ createdAt, lastUsedAt, expiresAt, ...session }: OwnSession): SessionResponse {
    return {
      ...session,
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    };
  }
}

export class SessionPageResponse {
  @ApiProperty({ type: [SessionResponse] })
  items: SessionResponse[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Send it as `cursor` to get the next page; null on the last one.',
    example: 'AZEtOlsufD-KTZ5vChssPQ',
  })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<OwnSession>): SessionPageResponse {
    return { items: items.map((session) => SessionResponse.from(session)), nextCursor };
  }
}
