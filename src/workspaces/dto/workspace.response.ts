import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '../../common/cursor.js';
import type { Workspace, WorkspaceRole } from '../workspaces.types.js';
import { WORKSPACE_ROLES } from '../workspaces.types.js';

export const NEXT_CURSOR = {
  type: String,
  nullable: true,
  description: 'Send it as `cursor` to get the next page; null on the last one.',
  example: 'AZEtOlsufD-KTZ5vChssPQ',
} as const;

export class WorkspaceResponse {
  @ApiProperty({ format: 'uuid', example: '01912d3a-1111-7c3f-8a4d-9e6f0a1b2c3d' })
  id: string;

  @ApiProperty({ example: 'Marketing' })
  name: string;

  @ApiProperty({ enum: WORKSPACE_ROLES, description: 'Your own role.', example: 'owner' })
  role: WorkspaceRole;

  @ApiProperty({ format: 'date-time', example: '2026-11-01T12:00:00.000Z' })
  createdAt: string;

  static from({ id, name, role, createdAt }: Workspace): WorkspaceResponse {
    return { id, name, role, createdAt: createdAt.toISOString() };
  }
}

export class WorkspacePageResponse {
  @ApiProperty({ type: [WorkspaceResponse] })
  items: WorkspaceResponse[];

  @ApiProperty(NEXT_CURSOR)
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<Workspace>): WorkspacePageResponse {
    return { items: items.map((item) => WorkspaceResponse.from(item)), nextCursor };
  }
}
