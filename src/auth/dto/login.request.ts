import { ApiProperty } from '@nestjs/swagger';
import type { Credentials } from '../auth.types.js';
import { IsEmailAddress } from './email.decorator.js';
import { IsPassword, PASSWORD_PATTERN } from './password.decorator.js';

export class LoginRequest implements Credentials {
  @ApiProperty({
    description: 'In any case.',
    format: 'email',
    maxLength: 254,
    example: 'ada@example.com',
  })
  @IsEmailAddress()
  email: string;

  @ApiProperty({
    format: 'password',
    minLength: 1,
    maxLength: 72,
    pattern: PASSWORD_PATTERN,
    example: 'correct horse battery staple',
  })
  @IsPassword()
  password: string;
}
