import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  Max,
  Min,
} from 'class-validator';
import { type Scope, SCOPES } from '../../auth/auth.types.js';
import { IsTimestamp, TIMESTAMP_PATTERN } from '../../common/validation/is-timestamp.decorator.js';
import { IsWorkspaceName, NAME_SCHEMA } from './workspace.rules.js';

const MONTH_SECONDS = 30 * 24 * 60 * 60;

export class CreateApiKeyRequest {
  @ApiProperty({ ...NAME_SCHEMA, description: 'What the key is for.', example: 'Newsletter' })
  @IsWorkspaceName()
  name: string;

  @ApiProperty({
    type: 'array',
    items: { type: 'string', enum: [...SCOPES] },
    description: 'What the key may do in the workspace, and nothing else.',
    minItems: 1,
    maxItems: SCOPES.length,
    example: ['links:write', 'links:read'],
  })
  @IsIn(SCOPES, { each: true, message: `each of $property must be one of ${SCOPES.join(', ')}` })
  @ArrayMaxSize(SCOPES.length)
  @ArrayMinSize(1)
  @IsArray()
  scopes: Scope[];

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    pattern: TIMESTAMP_PATTERN,
    nullable: true,
    description: 'From then on the key is refused; in the future.',
    example: '2027-12-31T23:59:59Z',
  })
  @IsOptional()
  @IsTimestamp()
  expiresAt?: string | null;

  static toNewKey({ expiresAt, ...fields }: CreateApiKeyRequest) {
    return { ...fields, expiresAt: typeof expiresAt === 'string' ? new Date(expiresAt) : null };
  }
}

export class RotateApiKeyRequest {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: MONTH_SECONDS,
    default: 86_400,
    description: 'How long the old key is still good, in seconds, unless it expires sooner.',
    example: 3600,
  })
  @Max(MONTH_SECONDS)
  @Min(0)
  @IsInt()
  overlapSeconds = 86_400;
}
