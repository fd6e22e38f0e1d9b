import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNotEmpty, IsString, MaxLength, MinLength, ValidateIf } from 'class-validator';
import { NoControlCharacters, PLAIN_TEXT_PATTERN } from '../../common/validation/text.rules.js';
import type { Registration } from '../auth.types.js';
import { IsEmailAddress } from './email.decorator.js';
import { IsPassword, PASSWORD_PATTERN } from './password.decorator.js';

export class RegisterRequest implements Registration {
  @ApiProperty({
    description: 'Unique; upper and lower case are the same.',
    format: 'email',
    maxLength: 254,
    example: 'ada@example.com',
  })
  @IsEmailAddress()
  email: string;

  @ApiProperty({
    description: 'At least 8 characters, and at most 72 bytes in UTF-8.',
    format: 'password',
    minLength: 8,
    maxLength: 72,
    pattern: PASSWORD_PATTERN,
    example: 'correct horse battery staple',
  })
  @MinLength(8)
  @IsPassword()
  password: string;

  @ApiPropertyOptional({
    description: 'What to call the user; without control characters.',
    minLength: 1,
    maxLength: 100,
    pattern: PLAIN_TEXT_PATTERN,
    example: 'Ada Lovelace',
  })
  @ValidateIf((_request, value) => value !== undefined)
  @IsString()
  @IsNotEmpty()
  @MaxLength(100)
  @NoControlCharacters()
  name?: string;
}
