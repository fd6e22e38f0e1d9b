import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, IsUUID, Length, Matches } from 'class-validator';
import { PageQuery } from '../../common/validation/page.query.js';
import { NO_CONTROL_CHARACTERS } from './create-link.request.js';

const PLAIN_TEXT = { message: '$property must not contain control characters' };

export class ListLinksQuery extends PageQuery {
  @ApiPropertyOptional({
    description: 'Only links whose code, title or target URL contains this text, in any case.',
    minLength: 1,
    maxLength: 200,
    example: 'sale',
  })
  @IsOptional()
  @Matches(NO_CONTROL_CHARACTERS, PLAIN_TEXT)
  @Length(1, 200)
  @IsString()
  q?: string;

  @ApiPropertyOptional({ description: 'Only links with this tag.', example: 'newsletter' })
  @IsOptional()
  @Matches(NO_CONTROL_CHARACTERS, PLAIN_TEXT)
  @Length(1, 50)
  @IsString()
  tag?: string;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'Only links of this workspace; of all your workspaces if absent.',
    example: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d',
  })
  @IsOptional()
  @IsUUID()
  workspaceId?: string;
}
