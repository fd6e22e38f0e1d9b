import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { PageQuery } from '../common/validation/page.query.js';
import type { AuthenticatedUser } from './auth.types.js';
import { CurrentUser } from './current-user.decorator.js';
import { SessionPageResponse } from './dto/session.response.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('auth')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated')
@Controller('auth/sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Get()
  @ApiOperation({
    operationId: 'listSessions',
    summary: 'List my sessions, the newest first',
    description: 'Each login begins one. Those that are over are not listed.',
  })
  @ApiOkResponse({ type: SessionPageResponse })
  @ApiProblems('invalid-request')
  async list(
    @CurrentUser() user: AuthenticatedUser,
    @Query() query: PageQuery,
  ): Promise<SessionPageResponse> {
    return SessionPageResponse.from(await this.sessions.list(user, query));
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({
    operationId: 'endOtherSessions',
    summary: 'End all of my sessions but this one',
    description: 'None of their tokens works from then on.',
  })
  @ApiNoContentResponse({ description: 'The others have ended.' })
  async endOthers(@CurrentUser() user: AuthenticatedUser): Promise<void> {
    await this.sessions.endOthers(user);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiParam({ name: 'id', format: 'uuid', example: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35' })
  @ApiOperation({
    operationId: 'endSession',
    summary: 'End one of my sessions',
    description: 'None of its tokens works from then on. It may be the current one.',
  })
  @ApiNoContentResponse({ description: 'The session has ended.' })
  @ApiProblems('not-found')
  async end(@CurrentUser() user: AuthenticatedUser, @Param('id') id: string): Promise<void> {
    await this.sessions.end(user, id);
  }
}
