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
import { ApiKeysService } from '../auth/api-keys.service.js';
import type { AuthenticatedUser, NewApiKey } from '../auth/auth.types.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { PageQuery } from '../common/validation/page.query.js';
import { CreateApiKeyRequest, RotateApiKeyRequest } from './dto/api-key.request.js';
import { ApiKeyPageResponse, ApiKeyResponse, NewApiKeyResponse } from './dto/api-key.response.js';
import { RequireRole } from './require-role.decorator.js';
import { ApiWorkspaceId, LOCATION } from './workspaces.openapi.js';
import { WorkspacesService } from './workspaces.service.js';

const ApiKeyId = (): MethodDecorator =>
  ApiParam({ name: 'keyId', format: 'uuid', example: '01912d3a-4444-7c3f-8a4d-9e6f0a1b2c3d' });

/** Owners manage the keys of their workspace; no key does. */
@ApiTags('workspaces')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@ApiWorkspaceId()
@Controller('workspaces/:id/api-keys')
export class ApiKeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly workspaces: WorkspacesService,
  ) {}

  @Get()
  @RequireRole('keys:read')
  @ApiOperation({
    operationId: 'listApiKeys',
    summary: 'List the API keys of a workspace, the newest first',
  })
  @ApiOkResponse({ type: ApiKeyPageResponse })
  @ApiProblems('invalid-request', 'forbidden', 'not-found')
  async list(@Param('id') id: string, @Query() query: PageQuery): Promise<ApiKeyPageResponse> {
    return ApiKeyPageResponse.from(await this.keys.list(id, query));
  }

  @Post()
  @RequireRole('keys:write')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    operationId: 'createApiKey',
    summary: 'Make an API key for a service',
    description:
      'It is good for this workspace and its scopes only, and stays good when whoever made it leaves.',
  })
  @ApiCreatedResponse({ type: NewApiKeyResponse, headers: LOCATION })
  @ApiProblems('invalid-request', 'forbidden', 'not-found', 'api-key-limit-reached')
  async create(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Body() body: CreateApiKeyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NewApiKeyResponse> {
    const wanted = CreateApiKeyRequest.toNewKey(body);
    return this.present(id, await this.keys.create(user.id, id, wanted), reply);
  }

  @Get(':keyId')
  @RequireRole('keys:read')
  @ApiKeyId()
  @ApiOperation({ operationId: 'getApiKey', summary: 'Read what is known of an API key' })
  @ApiOkResponse({ type: ApiKeyResponse })
  @ApiProblems('forbidden', 'not-found')
  async get(@Param('id') id: string, @Param('keyId') keyId: string): Promise<ApiKeyResponse> {
    return ApiKeyResponse.from(await this.keys.get(id, keyId));
  }

  @Delete(':keyId')
  @HttpCode(204)
  @RequireRole('keys:write')
  @ApiKeyId()
  @ApiOperation({ operationId: 'revokeApiKey', summary: 'Revoke an API key' })
  @ApiNoContentResponse({ description: 'It is refused from now on, by every process.' })
  @ApiProblems('forbidden', 'not-found')
  async revoke(@Param('id') id: string, @Param('keyId') keyId: string): Promise<void> {
    await this.keys.revoke(id, keyId);
  }

  @Post(':keyId/rotate')
  @RequireRole('keys:write')
  @Header('Cache-Control', 'no-store')
  @ApiKeyId()
  @ApiOperation({
    operationId: 'rotateApiKey',
    summary: 'Replace an API key',
    description: 'The new one may do the same; the old one stays good for `overlapSeconds`.',
  })
  @ApiCreatedResponse({ type: NewApiKeyResponse, headers: LOCATION })
  @ApiProblems('invalid-request', 'forbidden', 'not-found', 'api-key-limit-reached')
  async rotate(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Param('keyId') keyId: string,
    @Body() { overlapSeconds }: RotateApiKeyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NewApiKeyResponse> {
    const key = await this.keys.rotate(user.id, id, keyId, overlapSeconds);
    return this.present(id, key, reply);
  }

  private present(workspaceId: string, key: NewApiKey, reply: FastifyReply): NewApiKeyResponse {
    void reply.header('location', this.workspaces.apiPath(workspaceId, 'api-keys', key.id));
    return NewApiKeyResponse.from(key);
  }
}
