import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Param,
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
import { etagOf } from '../common/etag.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { PageQuery } from '../common/validation/page.query.js';
import { InviteRequest } from './dto/member.request.js';
import {
  InvitationPageResponse,
  InvitationResponse,
  NewInvitationResponse,
} from './dto/member.response.js';
import { WorkspaceResponse } from './dto/workspace.response.js';
import { InvitationsService } from './invitations.service.js';
import { RequireRole } from './require-role.decorator.js';
import { ApiWorkspaceId, ETAG, LOCATION } from './workspaces.openapi.js';
import { WorkspacesService } from './workspaces.service.js';

const ApiInvitationId = (): MethodDecorator =>
  ApiParam({
    name: 'invitationId',
    format: 'uuid',
    example: '01912d3a-3333-7c3f-8a4d-9e6f0a1b2c3d',
  });

@ApiTags('workspaces')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@Controller()
export class InvitationsController {
  constructor(
    private readonly invitations: InvitationsService,
    private readonly workspaces: WorkspacesService,
  ) {}

  @Get('workspaces/:id/invitations')
  @RequireRole('members:write')
  @ApiWorkspaceId()
  @ApiOperation({
    operationId: 'listInvitations',
    summary: 'List the invitations that can still be accepted, the newest first',
  })
  @ApiOkResponse({ type: InvitationPageResponse })
  @ApiProblems('invalid-request', 'forbidden', 'not-found')
  async list(@Param('id') id: string, @Query() query: PageQuery): Promise<InvitationPageResponse> {
    return InvitationPageResponse.from(await this.invitations.list(id, query));
  }

  @Post('workspaces/:id/invitations')
  @RequireRole('members:write')
  @Header('Cache-Control', 'no-store')
  @ApiWorkspaceId()
  @ApiOperation({
    operationId: 'createInvitation',
    summary: 'Invite somebody by a link',
    description: 'No mail is sent: pass `url` on. It is good for one person and seven days.',
  })
  @ApiCreatedResponse({ type: NewInvitationResponse, headers: LOCATION })
  @ApiProblems('invalid-request', 'forbidden', 'not-found', 'invitation-limit-reached')
  async create(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Body() body: InviteRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NewInvitationResponse> {
    const invitation = await this.invitations.create(user.id, id, body);
    void reply.header('location', this.workspaces.apiPath(id, 'invitations', invitation.id));
    return NewInvitationResponse.from(invitation);
  }

  @Get('workspaces/:id/invitations/:invitationId')
  @RequireRole('members:write')
  @ApiWorkspaceId()
  @ApiInvitationId()
  @ApiOperation({ operationId: 'getInvitation', summary: 'Read an invitation' })
  @ApiOkResponse({ type: InvitationResponse })
  @ApiProblems('forbidden', 'not-found')
  async get(
    @Param('id') id: string,
    @Param('invitationId') invitationId: string,
  ): Promise<InvitationResponse> {
    return InvitationResponse.from(await this.invitations.get(id, invitationId));
  }

  @Delete('workspaces/:id/invitations/:invitationId')
  @HttpCode(204)
  @RequireRole('members:write')
  @ApiWorkspaceId()
  @ApiInvitationId()
  @ApiOperation({ operationId: 'revokeInvitation', summary: 'Revoke an invitation' })
  @ApiNoContentResponse({ description: 'Nobody can accept it any more.' })
  @ApiProblems('forbidden', 'not-found')
  async revoke(
    @Param('id') id: string,
    @Param('invitationId') invitationId: string,
  ): Promise<void> {
    await this.invitations.revoke(id, invitationId);
  }

  @Post('invitations/:token/accept')
  @HttpCode(200)
  @ApiParam({
    name: 'token',
    schema: { type: 'string', pattern: '^spi_[A-Za-z0-9_-]{43}$' },
    example: 'spi_Xw0J6zj2k8QpVh1c3nR5tY7uI9oP0aS2dF4gH6jK8lE',
  })
  @ApiOperation({
    operationId: 'acceptInvitation',
    summary: 'Accept an invitation',
    description:
      'Makes you a member of the workspace. An invitation that is unknown, used, revoked or expired is a ' +
      '404. Whoever is a member already keeps their role, and the invitation stays good.',
  })
  @ApiOkResponse({ type: WorkspaceResponse, headers: ETAG })
  @ApiProblems('forbidden', 'not-found', 'already-member', 'member-limit-reached')
  async accept(
    @CurrentUser() user: AuthenticatedUser,
    @Param('token') token: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkspaceResponse> {
    const workspace = await this.invitations.accept(user, token);
    void reply.header('etag', etagOf(workspace.version));
    return WorkspaceResponse.from(workspace);
  }
}
