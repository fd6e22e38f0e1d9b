import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { IsOptional, IsUUID } from 'class-validator';
import { EXTERNAL_ID_SCHEMA, IsExternalId } from '../../common/validation/text.rules.js';
import { CreateLinkRequest } from './create-link.request.js';

/** A whole link; its external id and its workspace are told elsewhere. */
export class PutLinkRequest extends OmitType(CreateLinkRequest, [
  'externalId',
  'workspaceId',
] as const) {}

export class ExternalIdParams {
  @ApiProperty({
    ...EXTERNAL_ID_SCHEMA,
    description: 'Your own id of the link, percent-encoded.',
    example: 'product-4711',
  })
  @IsExternalId()
  externalId: string;
}

export class ExternalIdQuery {
  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The workspace that the link belongs to; your personal one if absent.',
    example: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d',
  })
  @IsOptional()
  @IsUUID()
  workspaceId?: string;
}
