import { ApiProperty } from '@nestjs/swagger';
import type { PasswordChange } from '../auth.types.js';
import { IsNewPassword, IsPassword, PASSWORD_PATTERN } from './password.decorator.js';

export class ChangePasswordRequest implements PasswordChange {
  @ApiProperty({
    format: 'password',
    minLength: 1,
    maxLength: 72,
    pattern: PASSWORD_PATTERN,
    example: 'correct horse battery staple',
  })
  @IsPassword()
  currentPassword: string;

  @ApiProperty({
    description: 'As at registration.',
    format: 'password',
    minLength: 8,
    maxLength: 72,
    pattern: PASSWORD_PATTERN,
    example: 'a better horse battery staple',
  })
  @IsNewPassword()
  newPassword: string;
}
