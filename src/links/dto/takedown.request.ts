import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsNotEmpty, IsString, ValidateIf } from 'class-validator';
import {
  MaxCodePoints,
  NoControlCharacters,
  PLAIN_TEXT_PATTERN,
} from '../../common/validation/text.rules.js';

export class TakedownRequest {
  @ApiProperty({ description: 'Whether the link answers 410 instead of redirecting.' })
  @IsBoolean()
  disabled: boolean;

  @ApiPropertyOptional({
    description: 'Why; required to disable. Administrators and the workspace of the link see it.',
    minLength: 1,
    maxLength: 500,
    pattern: PLAIN_TEXT_PATTERN,
    example: 'Phishing, reported by the bank on 1 December',
  })
  @ValidateIf(({ disabled, reason }: TakedownRequest) => disabled || reason !== undefined)
  @NoControlCharacters()
  @MaxCodePoints(500)
  @IsNotEmpty()
  @IsString()
  reason?: string;
}
