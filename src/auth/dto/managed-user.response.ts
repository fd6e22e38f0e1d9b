import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '../../common/cursor.js';
import type { ManagedUser } from '../auth.types.js';
import { UserResponse } from './user.response.js';

const SINCE = { type: String, format: 'date-time', nullable: true, example: null } as const;

/** A user as administrators see them. */
export class ManagedUserResponse extends UserResponse {
  @ApiProperty({ ...SINCE, description: 'Since when the user may not act.' })
  disabledAt: string | null;

  @ApiProperty({ ...SINCE, description: 'Since when none of the links they made redirects.' })
  linksDisabledAt: string | null;

  static override from(user: ManagedUser): ManagedUserResponse {
    return Object.assign(UserResponse.from(user), {
      disabledAt: user.disabledAt?.toISOString() ?? null,
      linksDisabledAt: user.linksDisabledAt?.toISOString() ?? null,
    });
  }
}

export class ManagedUserPageResponse {
  @ApiProperty({ type: [ManagedUserResponse] })
  items: ManagedUserResponse[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Send it as `cursor` to get the next page; null on the last one.',
    example: 'AZEtOlsufD-KTZ5vChssPQ',
  })
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<ManagedUser>): ManagedUserPageResponse {
    return { items: items.map((user) => ManagedUserResponse.from(user)), nextCursor };
  }
}
