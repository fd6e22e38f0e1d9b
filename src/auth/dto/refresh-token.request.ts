import { ApiProperty } from '@nestjs/swagger';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';

export const EXAMPLE_REFRESH_TOKEN = 'spr_q0xkfV2Vd1mXqY8n3rJt5wZb7cLh9sKpGu4eTiOaMxE';

/** The body of a refresh and of a logout. */
export class RefreshTokenRequest {
  @ApiProperty({
    description: 'As it came with the last login or refresh.',
    minLength: 1,
    maxLength: 200,
    example: EXAMPLE_REFRESH_TOKEN,
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  refreshToken: string;
}
