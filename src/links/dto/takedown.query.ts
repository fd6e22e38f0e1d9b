import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Length } from 'class-validator';
import { MAX_HOST_LENGTH } from '../../common/normal-host.js';

export class TakedownQuery {
  @ApiPropertyOptional({
    description: 'The host of the short URL; that of PUBLIC_URL if absent.',
    minLength: 1,
    maxLength: MAX_HOST_LENGTH,
    example: 'go.brand.example',
  })
  @IsOptional()
  @Length(1, MAX_HOST_LENGTH)
  @IsString()
  domain?: string;
}
