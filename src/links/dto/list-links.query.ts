import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, IsUUID, Length } from 'class-validator';
import { MAX_HOST_LENGTH } from '../../common/normal-host.js';
import { PageQuery } from '../../common/validation/page.query.js';
import {
  IsTag,
  NoControlCharacters,
  PLAIN_TEXT_PATTERN,
  TAG_SCHEMA,
} from '../../common/validation/text.rules.js';
import type { LinkQuery } from '../links.types.js';

export class ListLinksQuery extends PageQuery {
  @ApiPropertyOptional({
    description:
      'Only links whose code, title or target URL contains this text, in any case; the URL as it was ' +
      'entered or as it is stored. A short URL finds its link.',
    minLength: 1,
    maxLength: 1000,
    pattern: PLAIN_TEXT_PATTERN,
    example: 'sale',
  })
  @IsOptional()
  @NoControlCharacters()
  @Length(1, 1000)
  @IsString()
  q?: string;

  @ApiPropertyOptional({
    ...TAG_SCHEMA,
    description: 'Only links with this tag.',
    example: 'newsletter',
  })
  @IsOptional()
  @IsTag()
  @IsString()
  tag?: string;

  @ApiPropertyOptional({
    description: 'Only links on this host, which may be that of PUBLIC_URL.',
    minLength: 1,
    maxLength: MAX_HOST_LENGTH,
    example: 'go.brand.example',
  })
  @IsOptional()
  @Length(1, MAX_HOST_LENGTH)
  @IsString()
  domain?: string;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'Only links of this workspace; of all your workspaces if absent.',
    example: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d',
  })
  @IsOptional()
  @IsUUID()
  workspaceId?: string;

  @ApiPropertyOptional({
    enum: ['true', 'false'],
    default: 'false',
    description:
      'With `true` the deleted links of workspaces where you may write links, and no others: they can be ' +
      'restored.',
    example: 'true',
  })
  @IsOptional()
  @IsIn(['true', 'false'], { message: '$property must be true or false' })
  deleted?: 'true' | 'false';

  static toQuery({ deleted, ...query }: ListLinksQuery): LinkQuery {
    return { ...query, isDeleted: deleted === 'true' };
  }
}
