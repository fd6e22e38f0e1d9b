import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { AuthenticatedUser } from '../auth/auth.types.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { PageQuery } from '../common/validation/page.query.js';
import { AddMemberRequest, UpdateMemberRequest } from './dto/member.request.js';
import { MemberPageResponse, MemberResponse } from './dto/member.response.js';
import { MembersService } from './members.service.js';
import { RequireRole } from './require-role.decorator.js';
import { ApiWorkspaceId, LOCATION } from './workspaces.openapi.js';
import { WorkspacesService } from './workspaces.service.js';

const ApiUserId = (): MethodDecorator =>
  ApiParam({ name: 'userId', format: 'uuid', example: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35' });

@ApiTags('workspaces')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@ApiWorkspaceId()
@Controller('workspaces/:id/members')
export class MembersController {
  constructor(
    private readonly members: MembersService,
    private readonly workspaces: WorkspacesService,
  ) {}

  @Get()
  @RequireRole('members:read')
  @ApiOperation({ operationId: 'listMembers', summary: 'List the members of a workspace' })
  @ApiOkResponse({ type: MemberPageResponse })
  @ApiProblems('invalid-request', 'not-found')
  async list(@Param('id') id: string, @Query() query: PageQuery): Promise<MemberPageResponse> {
    return MemberPageResponse.from(await this.members.list(id, query));
  }

  @Post()
  @RequireRole('members:write')
  @ApiOperation({
    operationId: 'addMember',
    summary: 'Add somebody who has an account',
    description: 'Somebody without an account gets an invitation.',
  })
  @ApiCreatedResponse({ type: MemberResponse, headers: LOCATION })
  @ApiProblems(
    'invalid-request',
    'forbidden',
    'not-found',
    'account-not-found',
    'already-member',
    'member-limit-reached',
  )
  async add(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Body() { email, role }: AddMemberRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MemberResponse> {
    const member = await this.members.add(user.id, id, email, role);
    void reply.header('location', this.workspaces.apiPath(id, 'members', member.userId));
    return MemberResponse.from(member);
  }

  @Get(':userId')
  @RequireRole('members:read')
  @ApiUserId()
  @ApiOperation({ operationId: 'getMember', summary: 'Read a member' })
  @ApiOkResponse({ type: MemberResponse })
  @ApiProblems('not-found')
  async get(@Param('id') id: string, @Param('userId') userId: string): Promise<MemberResponse> {
    return MemberResponse.from(await this.members.get(id, userId));
  }

  @Patch(':userId')
  @RequireRole('members:write')
  @ApiUserId()
  @ApiOperation({
    operationId: 'updateMember',
    summary: 'Change the role of a member',
    description: 'There is always an owner who is not disabled.',
  })
  @ApiOkResponse({ type: MemberResponse })
  @ApiProblems('invalid-request', 'forbidden', 'not-found', 'last-owner')
  async update(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Param('userId') userId: string,
    @Body() { role }: UpdateMemberRequest,
  ): Promise<MemberResponse> {
    return MemberResponse.from(await this.members.changeRole(user.id, id, userId, role));
  }

  @Delete(':userId')
  @HttpCode(204)
  @RequireRole('workspace:read')
  @ApiUserId()
  @ApiOperation({
    operationId: 'removeMember',
    summary: 'Remove a member, or leave',
    description:
      'Everybody may leave; only owners remove others. There is always an owner who is not disabled.',
  })
  @ApiNoContentResponse({ description: 'They are no member any more. Their links stay.' })
  @ApiProblems('forbidden', 'not-found', 'last-owner')
  async remove(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Param('userId') userId: string,
  ): Promise<void> {
    await this.members.remove(user.id, id, userId);
  }
}
