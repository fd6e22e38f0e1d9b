import { OmitType, PartialType } from '@nestjs/swagger';
import type { LinkChanges } from '../links.types.js';
import { CreateLinkRequest, toDate } from './create-link.request.js';

/** Absent fields stay as they are; null clears a field that may be empty, and no other. */
export class UpdateLinkRequest extends PartialType(
  OmitType(CreateLinkRequest, ['code', 'workspaceId'] as const),
  { skipNullProperties: false },
) {
  static toChanges({ startsAt, expiresAt, ...fields }: UpdateLinkRequest): LinkChanges {
    return {
      ...fields,
      ...(startsAt !== undefined && { startsAt: toDate(startsAt) }),
      ...(expiresAt !== undefined && { expiresAt: toDate(expiresAt) }),
    };
  }
}
