import { ApiProperty } from '@nestjs/swagger';
import { IsNotEmpty, IsString } from 'class-validator';
import {
  MaxCodePoints,
  NoControlCharacters,
  PLAIN_TEXT_PATTERN,
} from '../../common/validation/text.rules.js';

export class BlockedHostRequest {
  @ApiProperty({
    description: 'Why; only administrators see it.',
    minLength: 1,
    maxLength: 500,
    pattern: PLAIN_TEXT_PATTERN,
    example: 'Malware',
  })
  @NoControlCharacters()
  @MaxCodePoints(500)
  @IsNotEmpty()
  @IsString()
  reason: string;
}
