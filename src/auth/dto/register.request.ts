import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNotEmpty, IsString, MaxLength, ValidateIf } from 'class-validator';
import { NoControlCharacters, PLAIN_TEXT_PATTERN } from '../../common/validation/text.rules.js';
import type { Registration } from '../auth.types.js';
import { IsEmailAddress } from './email.decorator.js';
import { IsNewPassword, PASSWORD_PATTERN } from './password.decorator.js';

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
    description:
      'At least 8 characters, and at most 72 bytes in UTF-8. Neither one of the 10,000 most common ' +
      'ones, nor with the name of this service, the e-mail address or what stands before its @.',
    format: 'password',
    minLength: 8,
    maxLength: 72,
    pattern: PASSWORD_PATTERN,
    example: 'correct horse battery staple',
  })
  @IsNewPassword()
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

  @ApiPropertyOptional({
    description:
      'For the first account of an installation, outside development: SETUP_TOKEN, or the token ' +
      'in the log of the service.',
    format: 'password',
    minLength: 1,
    maxLength: 500,
  })
  @ValidateIf((_request, value) => value !== undefined)
  @IsString()
  @IsNotEmpty()
  @MaxLength(500)
  setupToken?: string;
}
