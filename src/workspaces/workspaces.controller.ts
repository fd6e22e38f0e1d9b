import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
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
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { AuthenticatedUser } from '../auth/auth.types.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { etagOf, versionsOf } from '../common/etag.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { PageQuery } from '../common/validation/page.query.js';
import {
  CreateWorkspaceRequest,
  DeleteWorkspaceQuery,
  UpdateWorkspaceRequest,
} from './dto/workspace.request.js';
import { WorkspacePageResponse, WorkspaceResponse } from './dto/workspace.response.js';
import { RequireRole } from './require-role.decorator.js';
import { ApiWorkspaceId, ETAG, IF_MATCH, LOCATION } from './workspaces.openapi.js';
import { WorkspacesService } from './workspaces.service.js';
import type { Workspace } from './workspaces.types.js';

@ApiTags('workspaces')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@Controller('workspaces')
export class WorkspacesController {
  constructor(private readonly workspaces: WorkspacesService) {}

  @Get()
  @ApiOperation({
    operationId: 'listWorkspaces',
    summary: 'List your workspaces, the newest first',
  })
  @ApiOkResponse({ type: WorkspacePageResponse })
  @ApiProblems('invalid-request')
  async list(
    @CurrentUser() user: AuthenticatedUser,
    @Query() query: PageQuery,
  ): Promise<WorkspacePageResponse> {
    return WorkspacePageResponse.from(await this.workspaces.list(user.id, query));
  }

  @Post()
  @ApiOperation({ operationId: 'createWorkspace', summary: 'Make a workspace that you own' })
  @ApiCreatedResponse({ type: WorkspaceResponse, headers: { ...ETAG, ...LOCATION } })
  @ApiProblems('invalid-request', 'workspace-limit-reached')
  async create(
    @CurrentUser() user: AuthenticatedUser,
    @Body() { name }: CreateWorkspaceRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkspaceResponse> {
    const workspace = await this.workspaces.create(user.id, name);
    void reply.header('location', this.workspaces.apiPath(workspace.id));
    return present(workspace, reply);
  }

  @Get(':id')
  @RequireRole('workspace:read')
  @ApiWorkspaceId()
  @ApiOperation({ operationId: 'getWorkspace', summary: 'Read a workspace' })
  @ApiOkResponse({ type: WorkspaceResponse, headers: ETAG })
  @ApiProblems('not-found')
  async get(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkspaceResponse> {
    return present(await this.workspaces.get(user.id, id), reply);
  }

  @Patch(':id')
  @RequireRole('workspace:write')
  @ApiWorkspaceId()
  @ApiHeader(IF_MATCH)
  @ApiOperation({
    operationId: 'updateWorkspace',
    summary: 'Rename a workspace',
    description: 'Fields that are absent stay as they are.',
  })
  @ApiOkResponse({ type: WorkspaceResponse, headers: ETAG })
  @ApiProblems('invalid-request', 'forbidden', 'not-found', 'precondition-failed')
  async update(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Body() { name }: UpdateWorkspaceRequest,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkspaceResponse> {
    const versions = versionsOf(ifMatch);
    return present(await this.workspaces.rename(user.id, id, name, versions), reply);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireRole('workspace:write')
  @ApiWorkspaceId()
  @ApiHeader(IF_MATCH)
  @ApiOperation({
    operationId: 'deleteWorkspace',
    summary: 'Delete a workspace',
    description:
      'With its members and invitations. One that has links, deleted ones included, since their codes ' +
      'stay taken, is only deleted with `transferTo`: that workspace gets all of them, with the ' +
      'statistics of each, while the statistics of the deleted workspace as a whole are gone. The ' +
      'last workspace that you own stays.',
  })
  @ApiNoContentResponse({ description: 'The workspace is deleted.' })
  @ApiProblems(
    'invalid-request',
    'forbidden',
    'link-limit-reached',
    'not-found',
    'last-workspace',
    'workspace-not-empty',
    'external-id-taken',
    'precondition-failed',
  )
  async delete(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Query() { transferTo }: DeleteWorkspaceQuery,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    await this.workspaces.delete(user.id, id, transferTo, versionsOf(ifMatch));
  }
}

function present(workspace: Workspace, reply: FastifyReply): WorkspaceResponse {
  void reply.header('etag', etagOf(workspace.version));
  return WorkspaceResponse.from(workspace);
}
