import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
import { IsEmailAddress } from '../../auth/dto/email.decorator.js';
import type { WorkspaceRole } from '../workspaces.types.js';
import { isGiven, IsWorkspaceRole, ROLE_SCHEMA } from './workspace.rules.js';

const EMAIL_SCHEMA = { format: 'email', maxLength: 254, example: 'grace@example.com' } as const;

export class AddMemberRequest {
  @ApiProperty({ ...EMAIL_SCHEMA, description: 'Of an account, in any case.' })
  @IsEmailAddress()
  email: string;

  @ApiProperty(ROLE_SCHEMA)
  @IsWorkspaceRole()
  role: WorkspaceRole;
}

/** Absent fields stay as they are. */
export class UpdateMemberRequest {
  @ApiPropertyOptional(ROLE_SCHEMA)
  @ValidateIf(isGiven)
  @IsWorkspaceRole()
  role?: WorkspaceRole;
}

export class InviteRequest {
  @ApiPropertyOptional({
    ...EMAIL_SCHEMA,
    description: 'The only address whose account may accept it; whoever has the link, if absent.',
  })
  @ValidateIf(isGiven)
  @IsEmailAddress()
  email?: string;

  @ApiProperty(ROLE_SCHEMA)
  @IsWorkspaceRole()
  role: WorkspaceRole;
}
