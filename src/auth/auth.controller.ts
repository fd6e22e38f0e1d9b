import { Body, Controller, Get, Header, HttpCode, Post } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { WithoutIdempotencyKey } from '../common/without-idempotency-key.decorator.js';
import { LimitBody } from '../platform/http/body-limits.decorator.js';
import { type Client, CurrentClient } from '../platform/http/client.js';
import {
  LimitLogins,
  LimitPasswords,
  LimitRegistrations,
} from '../rate-limits/rate-limits.decorator.js';
import { AuthService } from './auth.service.js';
import type { AuthenticatedUser } from './auth.types.js';
import { CurrentUser } from './current-user.decorator.js';
import { ChangePasswordRequest } from './dto/change-password.request.js';
import { AuthResponse } from './dto/auth.response.js';
import { LoginRequest } from './dto/login.request.js';
import { RefreshTokenRequest } from './dto/refresh-token.request.js';
import { RegisterRequest } from './dto/register.request.js';
import { UserResponse } from './dto/user.response.js';
import { Public } from './public.decorator.js';
import { SessionsService } from './sessions.service.js';

/** Anybody may send these bodies. The longest registration fits, even with all of it escaped. */
const CREDENTIALS = { bytes: 4096, values: 16 };

@ApiTags('auth')
@WithoutIdempotencyKey()
@Controller('auth')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly sessions: SessionsService,
  ) {}

  @Public()
  @Post('register')
  @LimitRegistrations()
  @LimitBody(CREDENTIALS)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    operationId: 'register',
    summary: 'Make an account',
    description:
      'Adds a user with a workspace of their own and logs them in. The first user of an ' +
      'installation becomes its administrator, and may register even with REGISTRATION=closed; ' +
      'outside development they have to send the setupToken.',
  })
  @ApiCreatedResponse({ type: AuthResponse, description: 'The account was made.' })
  @ApiProblems(
    'invalid-request',
    'setup-token-required',
    'registration-closed',
    'email-taken',
    'too-many-requests',
  )
  async register(
    @Body() request: RegisterRequest,
    @CurrentClient() client: Client,
  ): Promise<AuthResponse> {
    return AuthResponse.from(await this.auth.register(request, client));
  }

  @Public()
  @Post('login')
  @LimitLogins()
  @LimitBody(CREDENTIALS)
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    operationId: 'login',
    summary: 'Log in',
    description:
      'Starts a session. The answer is the same for an unknown address and for a wrong password.',
  })
  @ApiOkResponse({ type: AuthResponse, description: 'Logged in.' })
  @ApiProblems('invalid-request', 'invalid-credentials', 'too-many-requests')
  async login(
    @Body() request: LoginRequest,
    @CurrentClient() client: Client,
  ): Promise<AuthResponse> {
    return AuthResponse.from(await this.auth.login(request, client));
  }

  @Public()
  @Post('refresh')
  @LimitBody(CREDENTIALS)
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    operationId: 'refresh',
    summary: 'Exchange a refresh token for a new pair',
    description:
      'The token sent is spent. Within a few seconds (REFRESH_GRACE_SECONDS) it may come back, as ' +
      'a parallel or repeated request: it gets the same new refresh token again, with a fresh ' +
      'access token. If it comes back later, or after the new one has been used, it may have been ' +
      'stolen: the whole session ends, and its access tokens with it.',
  })
  @ApiOkResponse({ type: AuthResponse, description: 'A new pair of tokens.' })
  @ApiProblems('invalid-request', 'invalid-refresh-token')
  async refresh(
    @Body() { refreshToken }: RefreshTokenRequest,
    @CurrentClient() client: Client,
  ): Promise<AuthResponse> {
    return AuthResponse.from(await this.sessions.refresh(refreshToken, client));
  }

  @Public()
  @Post('logout')
  @LimitBody(CREDENTIALS)
  @HttpCode(204)
  @ApiOperation({
    operationId: 'logout',
    summary: 'Log out',
    description:
      'Ends the session of this refresh token: from now on none of its refresh tokens and access ' +
      'tokens works. A spent refresh token will do as well. An unknown token is as good as logged ' +
      'out.',
  })
  @ApiNoContentResponse({ description: 'Logged out.' })
  @ApiProblems('invalid-request')
  async logout(@Body() { refreshToken }: RefreshTokenRequest): Promise<void> {
    await this.sessions.close(refreshToken);
  }

  @Post('password')
  @LimitPasswords()
  @LimitBody(CREDENTIALS)
  @HttpCode(204)
  @ApiBearerAuth('bearer')
  @ApiOperation({
    operationId: 'changePassword',
    summary: 'Change my password',
    description:
      'Ends all sessions but this one at once: none of their tokens works from then on. This one ' +
      'stays, and so do its tokens.',
  })
  @ApiNoContentResponse({ description: 'The password was changed.' })
  @ApiProblems('unauthenticated', 'invalid-request', 'wrong-password', 'too-many-requests')
  async changePassword(
    @CurrentUser() user: AuthenticatedUser,
    @Body() request: ChangePasswordRequest,
    @CurrentClient() client: Client,
  ): Promise<void> {
    await this.auth.changePassword(user, request, client);
  }

  @Get('me')
  @ApiBearerAuth('bearer')
  @ApiOperation({
    operationId: 'getMe',
    summary: 'Who am I',
    description: 'The user of the access token, as they are now.',
  })
  @ApiOkResponse({ type: UserResponse, description: 'The user.' })
  @ApiProblems('unauthenticated')
  async me(@CurrentUser() { id }: AuthenticatedUser): Promise<UserResponse> {
    return UserResponse.from(await this.auth.account(id));
  }
}
