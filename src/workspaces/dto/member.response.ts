import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '../../common/cursor.js';
import type { Invitation, Member, NewInvitation, WorkspaceRole } from '../workspaces.types.js';
import { ROLE_SCHEMA } from './workspace.rules.js';
import { NEXT_CURSOR } from './workspace.response.js';

export class MemberResponse {
  @ApiProperty({ format: 'uuid', example: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35' })
  userId: string;

  @ApiProperty({ format: 'idn-email', example: 'grace@example.com' })
  email: string;

  @ApiProperty({ type: String, nullable: true, example: 'Grace Hopper' })
  name: string | null;

  @ApiProperty(ROLE_SCHEMA)
  role: WorkspaceRole;

  @ApiProperty({
    format: 'date-time',
    description: 'Since when they are a member.',
    example: '2026-11-01T12:00:00.000Z',
  })
  createdAt: string;

  static from({ createdAt, ...member }: Member): MemberResponse {
    return { ...member, createdAt: createdAt.toISOString() };
  }
}

export class MemberPageResponse {
  @ApiProperty({ type: [MemberResponse] })
  items: MemberResponse[];

  @ApiProperty(NEXT_CURSOR)
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<Member>): MemberPageResponse {
    return { items: items.map((item) => MemberResponse.from(item)), nextCursor };
  }
}

export class InvitationResponse {
  @ApiProperty({ format: 'uuid', example: '01912d3a-3333-7c3f-8a4d-9e6f0a1b2c3d' })
  id: string;

  @ApiProperty({
    type: String,
    format: 'idn-email',
    nullable: true,
    description: 'The only address whose account may accept it; whoever has the link, if null.',
    example: null,
  })
  email: string | null;

  @ApiProperty(ROLE_SCHEMA)
  role: WorkspaceRole;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    example: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35',
  })
  createdBy: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-01T12:00:00.000Z' })
  createdAt: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-08T12:00:00.000Z' })
  expiresAt: string;

  static from({ createdAt, expiresAt, ...invitation }: Invitation): InvitationResponse {
    return {
      ...invitation,
      createdAt: createdAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    };
  }
}

export class NewInvitationResponse extends InvitationResponse {
  @ApiProperty({
    format: 'password',
    description: 'What proves the invitation. Only its SHA-256 is stored: it is never shown again.',
    example: 'spi_Xw0J6zj2k8QpVh1c3nR5tY7uI9oP0aS2dF4gH6jK8lE',
  })
  token: string;

  @ApiProperty({
    format: 'uri',
    description: 'Pass it on: a POST there, by somebody who is logged in, accepts the invitation.',
    example:
      'https://go.example.com/api/v1/invitations/spi_Xw0J6zj2k8QpVh1c3nR5tY7uI9oP0aS2dF4gH6jK8lE/accept',
  })
  url: string;

  static override from({ token, url, ...invitation }: NewInvitation): NewInvitationResponse {
    return Object.assign(InvitationResponse.from(invitation), { token, url });
  }
}

export class InvitationPageResponse {
  @ApiProperty({ type: [InvitationResponse] })
  items: InvitationResponse[];

  @ApiProperty(NEXT_CURSOR)
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<Invitation>): InvitationPageResponse {
    return { items: items.map((item) => InvitationResponse.from(item)), nextCursor };
  }
}
