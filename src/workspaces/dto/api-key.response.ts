import { ApiProperty } from '@nestjs/swagger';
import { type ApiKey, type NewApiKey, type Scope, SCOPES } from '../../auth/auth.types.js';
import type { Page } from '../../common/cursor.js';
import { NEXT_CURSOR } from './workspace.response.js';

const TIME = { type: String, format: 'date-time' } as const;

export class ApiKeyResponse {
  @ApiProperty({ format: 'uuid', example: '01912d3a-4444-7c3f-8a4d-9e6f0a1b2c3d' })
  id: string;

  @ApiProperty({ example: 'Newsletter' })
  name: string;

  @ApiProperty({
    type: 'array',
    items: { type: 'string', enum: [...SCOPES] },
    example: ['links:write', 'links:read'],
  })
  scopes: Scope[];

  @ApiProperty({ description: 'How the key begins.', example: 'sgp_X7bQ' })
  prefix: string;

  @ApiProperty({ description: 'How the key ends.', example: 'k3Zd' })
  lastFour: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    example: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35',
  })
  createdBy: string | null;

  @ApiProperty({ ...TIME, example: '2026-11-01T12:00:00.000Z' })
  createdAt: string;

  @ApiProperty({ ...TIME, nullable: true, example: null })
  expiresAt: string | null;

  @ApiProperty({ ...TIME, nullable: true, description: 'Up to a minute behind.', example: null })
  lastUsedAt: string | null;

  static from({ createdAt, expiresAt, lastUsedAt, ...key }: ApiKey): ApiKeyResponse {
    return {
      ...key,
      createdAt: createdAt.toISOString(),
      expiresAt: expiresAt?.toISOString() ?? null,
      lastUsedAt: lastUsedAt?.toISOString() ?? null,
    };
  }
}

export class NewApiKeyResponse extends ApiKeyResponse {
  @ApiProperty({
    format: 'password',
    description: 'Send it as `Authorization: Bearer …`. It is never shown again.',
    example: 'sgp_X7bQ0J6zj2k8QpVh1c3nR5tY7uI9oP0aS2k3Zd',
  })
  key: string;

  static override from({ key, ...rest }: NewApiKey): NewApiKeyResponse {
    return Object.assign(ApiKeyResponse.from(rest), { key });
  }
}

export class ApiKeyPageResponse {
  @ApiProperty({ type: [ApiKeyResponse] })
  items: ApiKeyResponse[];

  @ApiProperty(NEXT_CURSOR)
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<ApiKey>): ApiKeyPageResponse {
    return { items: items.map((item) => ApiKeyResponse.from(item)), nextCursor };
  }
}
