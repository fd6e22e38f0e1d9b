import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  MaxLength,
  Min,
  Validate,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { MAX_HOST_LENGTH } from '../../common/normal-host.js';
import { IsTimestamp, TIMESTAMP_PATTERN } from '../../common/validation/is-timestamp.decorator.js';
import {
  EXTERNAL_ID_SCHEMA,
  IsExternalId,
  IsTag,
  MaxCodePoints,
  NoControlCharacters,
  PLAIN_TEXT_PATTERN,
  TAG_SCHEMA,
} from '../../common/validation/text.rules.js';
import { MAX_RULES, MAX_VARIANTS, MIN_VARIANTS } from '../link-rules.types.js';
import type { NewLink } from '../links.types.js';
import { REDIRECT_STATUSES, type RedirectStatus } from '../links.types.js';
import { MAX_URL_LENGTH } from '../target-url.policy.js';
import { LinkOptionsRequest } from './link-options.request.js';
import { LinkRuleRequest, SplitVariantRequest } from './link-rules.request.js';
import { ShortCodeRule } from './short-code.rule.js';
import { TargetUrlRule } from './target-url.rule.js';
import { IsInTheFuture, IsLaterThanStart } from './validity.rules.js';

/** So many, of the longest, fit into the one index that reports read them from. */
const MAX_TAGS = 10;

export const isGiven = (_: object, value: unknown): boolean => value !== undefined;

/** The end of a link, whether it is made or changed. */
export const IsExpiry = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      type: String,
      format: 'date-time',
      pattern: TIMESTAMP_PATTERN,
      nullable: true,
      description: 'From then on the link answers 410.',
      example: '2026-12-31T23:59:59Z',
    }),
    IsOptional(),
    IsLaterThanStart(),
    IsTimestamp(),
  );

export class CreateLinkRequest extends LinkOptionsRequest {
  @ApiProperty({
    description:
      'The target URL: http or https, without user name, not on this service itself; whoever runs the service may allow other schemes. Space around it is dropped, and space inside is percent-encoded. It is stored in the normal form of the WHATWG URL Standard.',
    format: 'uri',
    pattern: '^[Hh][Tt][Tt][Pp][Ss]?://',
    maxLength: MAX_URL_LENGTH,
    example: 'https://example.com/summer-sale?utm_source=newsletter',
  })
  @Validate(TargetUrlRule)
  url: string;

  @ApiPropertyOptional({
    description: 'A custom short code. Without it, a random one of 7 characters is made.',
    pattern: '^[A-Za-z0-9_-]{1,64}$',
    example: 'summer-sale',
  })
  @ValidateIf(isGiven)
  @Validate(ShortCodeRule)
  code?: string;

  @ApiPropertyOptional({
    ...EXTERNAL_ID_SCHEMA,
    nullable: true,
    description:
      'Your own id of the link, by which you can find, replace and delete it. One link of a workspace has it; a deleted one frees it.',
    example: 'product-4711',
  })
  @IsOptional()
  @IsExternalId()
  externalId?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: MAX_HOST_LENGTH,
    description:
      'The host that answers the code: a verified domain of the workspace. That of PUBLIC_URL if absent or null. It never changes.',
    example: 'go.brand.example',
  })
  @IsOptional()
  @MaxLength(MAX_HOST_LENGTH)
  @IsString()
  domain?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 200,
    pattern: PLAIN_TEXT_PATTERN,
    example: 'Summer sale 2026',
  })
  @IsOptional()
  @NoControlCharacters()
  @MaxCodePoints(200)
  @IsString()
  title?: string | null;

  @ApiPropertyOptional({
    type: 'array',
    items: TAG_SCHEMA,
    description: `Labels to find the link by; at most ${MAX_TAGS}, each of 1 to 50 characters.`,
    maxItems: MAX_TAGS,
    example: ['newsletter', 'sale'],
  })
  @ValidateIf(isGiven)
  @IsTag({ each: true })
  @IsString({ each: true })
  @ArrayMaxSize(MAX_TAGS)
  @IsArray()
  tags?: string[];

  @ApiPropertyOptional({
    enum: REDIRECT_STATUSES,
    default: 302,
    description:
      'How the link redirects. Whichever it is, the answer is never cached, so that every click is seen.',
    example: 302,
  })
  @ValidateIf(isGiven)
  @IsIn(REDIRECT_STATUSES, { message: `$property must be one of ${REDIRECT_STATUSES.join(', ')}` })
  redirectStatus?: RedirectStatus;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    pattern: TIMESTAMP_PATTERN,
    nullable: true,
    description: 'Until then the link answers 404, as if it did not exist.',
    example: '2026-12-01T08:00:00Z',
  })
  @IsOptional()
  @IsTimestamp()
  startsAt?: string | null;

  @IsInTheFuture()
  @IsExpiry()
  expiresAt?: string | null;

  @ApiPropertyOptional({
    type: 'integer',
    format: 'int32',
    nullable: true,
    minimum: 1,
    maximum: 2147483647,
    description:
      'How often the link may redirect, counted while a limit is set; then it answers 410. HEAD requests, prefetches, link previews and other bots do not count; tools such as curl do.',
    example: 1000,
  })
  @IsOptional()
  @Max(2147483647)
  @Min(1)
  @IsInt()
  maxClicks?: number | null;

  @ApiPropertyOptional({
    type: [LinkRuleRequest],
    nullable: true,
    minItems: 1,
    maxItems: MAX_RULES,
    description:
      'Lead some visitors elsewhere: the first rule decides all of whose conditions hold. Without one the split does, and without that `url`. At most 16,384 characters as JSON.',
  })
  @IsOptional()
  @Type(() => LinkRuleRequest)
  @ValidateNested({ each: true })
  @IsObject({ each: true })
  @ArrayMaxSize(MAX_RULES)
  @ArrayMinSize(1)
  @IsArray()
  rules?: LinkRuleRequest[] | null;

  @ApiPropertyOptional({
    type: [SplitVariantRequest],
    nullable: true,
    minItems: MIN_VARIANTS,
    maxItems: MAX_VARIANTS,
    description:
      'Divides the visitors to whom no rule applies, by weights; `url` gets none of them then. Who comes again on the same day (UTC) gets the same. At most 16,384 characters as JSON.',
  })
  @IsOptional()
  @Type(() => SplitVariantRequest)
  @ValidateNested({ each: true })
  @IsObject({ each: true })
  @ArrayMaxSize(MAX_VARIANTS)
  @ArrayMinSize(MIN_VARIANTS)
  @IsArray()
  split?: SplitVariantRequest[] | null;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The workspace the link belongs to; your personal one if absent.',
    example: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d',
  })
  @ValidateIf(isGiven)
  @IsUUID()
  workspaceId?: string;

  static toNewLink({ startsAt, expiresAt, ...fields }: CreateLinkRequest): NewLink {
    return { ...fields, startsAt: toDate(startsAt), expiresAt: toDate(expiresAt) };
  }
}

export const toDate = (time: string | null | undefined): Date | null | undefined =>
  typeof time === 'string' ? new Date(time) : time;
