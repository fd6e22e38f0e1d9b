import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, ValidateIf } from 'class-validator';
import { USER_ROLES, type UserChanges, type UserRole } from '../auth.types.js';

const isGiven = (_: object, value: unknown): boolean => value !== undefined;

/** Absent fields stay as they are. */
export class UpdateUserRequest implements UserChanges {
  @ApiPropertyOptional({
    description: 'Whether the user may not act at all: no login, and no token is accepted.',
    example: true,
  })
  @ValidateIf(isGiven)
  @IsBoolean()
  disabled?: boolean;

  @ApiPropertyOptional({
    description: 'Whether the links that the user has made answer 410.',
    example: false,
  })
  @ValidateIf(isGiven)
  @IsBoolean()
  linksDisabled?: boolean;

  @ApiPropertyOptional({ enum: USER_ROLES, example: 'member' })
  @ValidateIf(isGiven)
  @IsIn(USER_ROLES, { message: `$property must be one of ${USER_ROLES.join(', ')}` })
  role?: UserRole;
}
