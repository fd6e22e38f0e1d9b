import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min, ValidateIf } from 'class-validator';
import { isGiven } from './create-link.request.js';

export class RestoreLinkRequest {
  @ApiPropertyOptional({
    type: 'integer',
    format: 'int32',
    minimum: 1,
    maximum: 2147483647,
    description:
      'The version that the link is to be like again. Without it a deleted link is as it was when it was ' +
      'deleted, and one that is not deleted stays as it is.',
    example: 3,
  })
  @ValidateIf(isGiven)
  @Max(2147483647)
  @Min(1)
  @IsInt()
  version?: number;
}
