import { ApiProperty } from '@nestjs/swagger';
import type { Session } from '../auth.types.js';
import { EXAMPLE_REFRESH_TOKEN } from './refresh-token.request.js';
import { UserResponse } from './user.response.js';

export class AuthResponse {
  @ApiProperty({ type: UserResponse })
  user: UserResponse;

  @ApiProperty({
    description: 'Send it with every request: `Authorization: Bearer <accessToken>`.',
    example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwMTk4MWYzZSJ9.c2lnbmF0dXJl',
  })
  accessToken: string;

  @ApiProperty({
    description:
      'Exchange it for a new pair before it expires. It is spent by that; send only the new one from then on.',
    example: EXAMPLE_REFRESH_TOKEN,
  })
  refreshToken: string;

  @ApiProperty({ enum: ['Bearer'], example: 'Bearer' })
  tokenType: 'Bearer';

  @ApiProperty({
    description: 'Seconds until the access token expires.',
    type: 'integer',
    minimum: 1,
    example: 900,
  })
  expiresIn: number;

  static from({ user, accessToken, refreshToken, expiresIn }: Session): AuthResponse {
    return {
      user: UserResponse.from(user),
      accessToken,
      refreshToken,
      tokenType: 'Bearer',
      expiresIn,
    };
  }
}
