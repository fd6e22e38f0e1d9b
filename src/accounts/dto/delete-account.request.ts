import { ApiProperty } from '@nestjs/swagger';
import { IsPassword, PASSWORD_PATTERN } from '../../auth/dto/password.decorator.js';

export class DeleteAccountRequest {
  @ApiProperty({
    description: 'The current one, so that a stolen token is not enough.',
    format: 'password',
    minLength: 1,
    maxLength: 72,
    pattern: PASSWORD_PATTERN,
    example: 'correct horse battery staple',
  })
  @IsPassword()
  password: string;
}
