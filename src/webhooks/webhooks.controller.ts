import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
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
import { etagOf, versionsOf } from '../common/etag.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { PageQuery } from '../common/validation/page.query.js';
import { RequireRole } from '../workspaces/require-role.decorator.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { CreateWebhookRequest, UpdateWebhookRequest } from './dto/webhook.request.js';
import {
  NewWebhookResponse,
  WebhookPageResponse,
  WebhookResponse,
} from './dto/webhook.response.js';
import { ApiWebhookId, ApiWorkspaceId, ETAG, IF_MATCH, LOCATION } from './webhooks.openapi.js';
import { WebhooksService } from './webhooks.service.js';

/** Owners manage who is told of what happens in their workspace. */
@ApiTags('webhooks')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@ApiWorkspaceId()
@Controller('workspaces/:id/webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly workspaces: WorkspacesService,
  ) {}

  @Get()
  @RequireRole('webhooks:read')
  @ApiOperation({
    operationId: 'listWebhooks',
    summary: 'List the webhooks of a workspace, the newest first',
  })
  @ApiOkResponse({ type: WebhookPageResponse })
  @ApiProblems('invalid-request', 'forbidden', 'not-found')
  async list(@Param('id') id: string, @Query() query: PageQuery): Promise<WebhookPageResponse> {
    return WebhookPageResponse.from(await this.webhooks.list(id, query));
  }

  @Post()
  @RequireRole('webhooks:write')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    operationId: 'createWebhook',
    summary: 'Have events sent to an address',
    description:
      'Signed as [Standard Webhooks](https://www.standardwebhooks.com/) says. It is told what happens from now on.',
  })
  @ApiCreatedResponse({ type: NewWebhookResponse, headers: { ...ETAG, ...LOCATION } })
  @ApiProblems('invalid-request', 'forbidden', 'not-found', 'webhook-limit-reached')
  async create(
    @Param('id') id: string,
    @Body() body: CreateWebhookRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NewWebhookResponse> {
    const webhook = await this.webhooks.create(id, body);
    void reply.header('location', this.workspaces.apiPath(id, 'webhooks', webhook.id));
    void reply.header('etag', etagOf(webhook.version));
    return NewWebhookResponse.from(webhook);
  }

  @Get(':webhookId')
  @RequireRole('webhooks:read')
  @ApiWebhookId()
  @ApiOperation({ operationId: 'getWebhook', summary: 'Read a webhook' })
  @ApiOkResponse({ type: WebhookResponse, headers: ETAG })
  @ApiProblems('forbidden', 'not-found')
  async get(
    @Param('id') id: string,
    @Param('webhookId') webhookId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookResponse> {
    const webhook = await this.webhooks.get(id, webhookId);
    void reply.header('etag', etagOf(webhook.version));
    return WebhookResponse.from(webhook);
  }

  @Patch(':webhookId')
  @RequireRole('webhooks:write')
  @ApiWebhookId()
  @ApiHeader(IF_MATCH)
  @ApiOperation({
    operationId: 'updateWebhook',
    summary: 'Change, disable or enable a webhook',
    description: 'Fields that are absent stay as they are.',
  })
  @ApiOkResponse({ type: WebhookResponse, headers: ETAG })
  @ApiProblems('invalid-request', 'forbidden', 'not-found', 'precondition-failed')
  async update(
    @Param('id') id: string,
    @Param('webhookId') webhookId: string,
    @Body() body: UpdateWebhookRequest,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookResponse> {
    const webhook = await this.webhooks.update(id, webhookId, body, versionsOf(ifMatch));
    void reply.header('etag', etagOf(webhook.version));
    return WebhookResponse.from(webhook);
  }

  @Delete(':webhookId')
  @HttpCode(204)
  @RequireRole('webhooks:write')
  @ApiWebhookId()
  @ApiHeader(IF_MATCH)
  @ApiOperation({
    operationId: 'deleteWebhook',
    summary: 'Delete a webhook, and what is known of its deliveries',
  })
  @ApiNoContentResponse({ description: 'Nothing more is sent there.' })
  @ApiProblems('invalid-request', 'forbidden', 'not-found', 'precondition-failed')
  async delete(
    @Param('id') id: string,
    @Param('webhookId') webhookId: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    await this.webhooks.delete(id, webhookId, versionsOf(ifMatch));
  }

  @Post(':webhookId/rotate-secret')
  @HttpCode(200)
  @RequireRole('webhooks:write')
  @Header('Cache-Control', 'no-store')
  @ApiWebhookId()
  @ApiOperation({
    operationId: 'rotateWebhookSecret',
    summary: 'Replace the secret of a webhook',
    description: 'For 24 hours there are two signatures: by the new secret and by the one before.',
  })
  @ApiOkResponse({ type: NewWebhookResponse, headers: ETAG })
  @ApiProblems('forbidden', 'not-found')
  async rotateSecret(
    @Param('id') id: string,
    @Param('webhookId') webhookId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NewWebhookResponse> {
    const webhook = await this.webhooks.rotateSecret(id, webhookId);
    void reply.header('etag', etagOf(webhook.version));
    return NewWebhookResponse.from(webhook);
  }
}
