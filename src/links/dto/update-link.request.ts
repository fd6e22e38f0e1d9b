import { OmitType, PartialType } from '@nestjs/swagger';
import type { LinkChanges } from '../links.types.js';
import { CreateLinkRequest, IsExpiry, toDate } from './create-link.request.js';

/** Absent fields stay as they are; null clears a field that may be empty, and no other. */
export class UpdateLinkRequest extends PartialType(
  OmitType(CreateLinkRequest, ['code', 'workspaceId', 'expiresAt'] as const),
  { skipNullProperties: false },
) {
  /** May be in the past: that ends the link now. */
  @IsExpiry()
  expiresAt?: string | null;

  static toChanges({ startsAt, expiresAt, ...fields }: UpdateLinkRequest): LinkChanges {
    return {
      ...fields,
      ...(startsAt !== undefined && { startsAt: toDate(startsAt) }),
      ...(expiresAt !== undefined && { expiresAt: toDate(expiresAt) }),
    };
  }
}
