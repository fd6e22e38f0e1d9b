import { ApiProperty } from '@nestjs/swagger';
import type { LinkRule, SplitVariant } from '../link-rules.types.js';
import { type Link, REDIRECT_STATUSES, type RedirectStatus } from '../links.types.js';
import { LinkRuleRequest, SplitVariantRequest } from './link-rules.request.js';

const TIME = { type: String, format: 'date-time' } as const;

/** Rules and variants as they are sent, all with a name. */
class LinkRuleResponse extends LinkRuleRequest {
  @ApiProperty({ example: 'rule-1' })
  declare name: string;
}

class SplitVariantResponse extends SplitVariantRequest {
  @ApiProperty({ example: 'split-1' })
  declare name: string;
}

export class LinkResponse {
  @ApiProperty({ format: 'uuid', example: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d' })
  id: string;

  @ApiProperty({ format: 'uuid', example: '01912d3a-1111-7c3f-8a4d-9e6f0a1b2c3d' })
  workspaceId: string;

  @ApiProperty({ description: 'The host of the short URL.', example: 'go.example.com' })
  domain: string;

  @ApiProperty({ example: 'summer-sale' })
  code: string;

  @ApiProperty({ format: 'uri', example: 'https://go.example.com/summer-sale' })
  shortUrl: string;

  @ApiProperty({ type: String, nullable: true, example: 'product-4711' })
  externalId: string | null;

  @ApiProperty({ description: 'The target URL.', format: 'uri', example: 'https://example.com/' })
  url: string;

  @ApiProperty({ type: String, nullable: true, example: 'Summer sale 2026' })
  title: string | null;

  @ApiProperty({ type: [String], example: ['newsletter', 'sale'] })
  tags: string[];

  @ApiProperty({ enum: REDIRECT_STATUSES, example: 302 })
  redirectStatus: RedirectStatus;

  @ApiProperty({ ...TIME, nullable: true, example: null })
  startsAt: string | null;

  @ApiProperty({ ...TIME, nullable: true, example: '2026-12-31T23:59:59.000Z' })
  expiresAt: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: null })
  maxClicks: number | null;

  @ApiProperty({
    type: 'integer',
    description:
      'Clicks counted so far, bots and imported ones included; at most 2 seconds behind.',
    example: 1234,
  })
  clicks: number;

  @ApiProperty({
    type: 'integer',
    description:
      'How often it had been clicked elsewhere before it was imported. Reports do not have these: nobody knows when they were.',
    example: 0,
  })
  importedClicks: number;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    example: '01912d3a-2222-7c3f-8a4d-9e6f0a1b2c3d',
  })
  createdBy: string | null;

  @ApiProperty({ ...TIME, example: '2026-11-01T12:00:00.000Z' })
  createdAt: string;

  @ApiProperty({ ...TIME, example: '2026-11-01T12:00:00.000Z' })
  updatedAt: string;

  @ApiProperty({
    ...TIME,
    nullable: true,
    description: 'Set in lists of deleted links only.',
    example: null,
  })
  deletedAt: string | null;

  @ApiProperty({
    ...TIME,
    nullable: true,
    description:
      'Since when an administrator of the instance keeps this link from redirecting (410); only they can undo it.',
    example: null,
  })
  disabledAt: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Why.', example: null })
  disabledReason: string | null;

  @ApiProperty({
    description: 'Whether you have switched the link off: it answers 410 until you switch it on.',
    example: false,
  })
  disabled: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'For the members of the workspace; visitors never see it.',
    example: 'Ordered by marketing.\nGoes with the poster.',
  })
  note: string | null;

  @ApiProperty({
    type: String,
    format: 'uri',
    nullable: true,
    description: 'Where the link leads (302) when it has expired or is used up, instead of 410.',
    example: 'https://example.com/too-late',
  })
  fallbackUrl: string | null;

  @ApiProperty({
    description: "Whether the visitor's query is added to that of the target.",
    example: false,
  })
  forwardQuery: boolean;

  @ApiProperty({
    description: 'Whether the path behind the code is added to that of the target.',
    example: false,
  })
  forwardPath: boolean;

  @ApiProperty({ description: 'Whether clicks are recorded.', example: true })
  trackClicks: boolean;

  @ApiProperty({ description: 'Whether visitors have to know a password.', example: false })
  hasPassword: boolean;

  @ApiProperty({ type: [LinkRuleResponse], nullable: true, example: null })
  rules: LinkRule[] | null;

  @ApiProperty({ type: [SplitVariantResponse], nullable: true, example: null })
  split: SplitVariant[] | null;

  static from({ version: _, ...link }: Link): LinkResponse {
    return {
      ...link,
      startsAt: link.startsAt?.toISOString() ?? null,
      expiresAt: link.expiresAt?.toISOString() ?? null,
      createdAt: link.createdAt.toISOString(),
      updatedAt: link.updatedAt.toISOString(),
      deletedAt: link.deletedAt?.toISOString() ?? null,
      disabledAt: link.disabledAt?.toISOString() ?? null,
    };
  }
}

export class LinkPageResponse {
  @ApiProperty({ type: [LinkResponse] })
  items: LinkResponse[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Send it as `cursor` to get the next page; null on the last one.',
    example: 'AZEtOlsufD-KTZ5vChssPQ',
  })
  nextCursor: string | null;
}
