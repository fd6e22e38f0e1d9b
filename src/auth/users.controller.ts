import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { PageQuery } from '../common/validation/page.query.js';
import { AdminOnly } from './admin-only.decorator.js';
import type { AuthenticatedUser } from './auth.types.js';
import { CurrentUser } from './current-user.decorator.js';
import { ManagedUserPageResponse, ManagedUserResponse } from './dto/managed-user.response.js';
import { UpdateUserRequest } from './dto/update-user.request.js';
import { UsersService } from './users.service.js';

@ApiTags('administration')
@ApiBearerAuth('bearer')
@AdminOnly()
@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @ApiOperation({ operationId: 'listUsers', summary: 'List all users, the newest first' })
  @ApiOkResponse({ type: ManagedUserPageResponse })
  @ApiProblems('invalid-request')
  async list(@Query() query: PageQuery): Promise<ManagedUserPageResponse> {
    return ManagedUserPageResponse.from(await this.users.list(query));
  }

  @Patch(':id')
  @ApiParam({ name: 'id', format: 'uuid', example: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35' })
  @ApiOperation({
    operationId: 'updateUser',
    summary: 'Disable or enable a user, all of their links, or change their role',
    description:
      'Fields that are absent stay as they are. Links of a user are disabled apart from the user, ' +
      'in whatever workspace they are, and redirect again once that is undone.',
  })
  @ApiOkResponse({ type: ManagedUserResponse })
  @ApiProblems('invalid-request', 'not-found', 'last-administrator')
  async update(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Body() body: UpdateUserRequest,
  ): Promise<ManagedUserResponse> {
    return ManagedUserResponse.from(await this.users.update(id, body, user.id));
  }
}
