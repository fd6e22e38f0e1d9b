import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsUUID, ValidateIf } from 'class-validator';
import { isGiven, IsWorkspaceName, NAME_SCHEMA } from './workspace.rules.js';

export class CreateWorkspaceRequest {
  @ApiProperty(NAME_SCHEMA)
  @IsWorkspaceName()
  name: string;
}

/** Absent fields stay as they are. */
export class UpdateWorkspaceRequest {
  @ApiPropertyOptional(NAME_SCHEMA)
  @ValidateIf(isGiven)
  @IsWorkspaceName()
  name?: string;
}

export class DeleteWorkspaceQuery {
  @ApiPropertyOptional({
    format: 'uuid',
    description:
      'Another workspace, where you may write: it takes over all links, deleted ones included.',
    example: '01912d3a-2222-7c3f-8a4d-9e6f0a1b2c3d',
  })
  @IsOptional()
  @IsUUID()
  transferTo?: string;
}
