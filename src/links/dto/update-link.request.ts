import { ApiPropertyOptional, OmitType, PartialType } from '@nestjs/swagger';
import { IsUUID, ValidateIf } from 'class-validator';
import type { LinkChanges } from '../links.types.js';
import { CreateLinkRequest, IsExpiry, isGiven, toDate } from './create-link.request.js';

/** Absent fields stay as they are; null clears a field that may be empty, and no other. */
export class UpdateLinkRequest extends PartialType(
  OmitType(CreateLinkRequest, ['code', 'domain', 'workspaceId', 'expiresAt'] as const),
  { skipNullProperties: false },
) {
  /** May be in the past: that ends the link now. */
  @IsExpiry()
  expiresAt?: string | null;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'Another workspace, where you may write, too: the link moves there.',
    example: '01912d3a-2222-7c3f-8a4d-9e6f0a1b2c3d',
  })
  @ValidateIf(isGiven)
  @IsUUID()
  workspaceId?: string;

  static toChanges({ startsAt, expiresAt, ...fields }: UpdateLinkRequest): LinkChanges {
    return {
      ...fields,
      ...(startsAt !== undefined && { startsAt: toDate(startsAt) }),
      ...(expiresAt !== undefined && { expiresAt: toDate(expiresAt) }),
    };
  }
}
