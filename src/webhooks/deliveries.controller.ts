import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { RequireRole } from '../workspaces/require-role.decorator.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { DeliveriesService } from './deliveries.service.js';
import {
  DeliveryPageResponse,
  DeliveryResponse,
  ListDeliveriesQuery,
} from './dto/delivery.response.js';
import { ReplayRequest } from './dto/webhook.request.js';
import { ReplayResponse } from './dto/webhook.response.js';
import { ApiEventId, ApiWebhookId, ApiWorkspaceId, LOCATION } from './webhooks.openapi.js';

/** What became of events for a webhook, and how to have them sent again. */
@ApiTags('webhooks')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@ApiWorkspaceId()
@ApiWebhookId()
@Controller('workspaces/:id/webhooks/:webhookId')
export class DeliveriesController {
  constructor(
    private readonly deliveries: DeliveriesService,
    private readonly workspaces: WorkspacesService,
  ) {}

  @Get('deliveries')
  @RequireRole('webhooks:read')
  @ApiOperation({
    operationId: 'listDeliveries',
    summary: 'List what a webhook was sent, the newest event first',
    description: 'Each with its last tries and when the next one is due; for 30 days.',
  })
  @ApiOkResponse({ type: DeliveryPageResponse })
  @ApiProblems('invalid-request', 'forbidden', 'not-found')
  async list(
    @Param('id') id: string,
    @Param('webhookId') webhookId: string,
    @Query() query: ListDeliveriesQuery,
  ): Promise<DeliveryPageResponse> {
    return DeliveryPageResponse.from(await this.deliveries.list(id, webhookId, query));
  }

  @Get('deliveries/:eventId')
  @RequireRole('webhooks:read')
  @ApiEventId()
  @ApiOperation({ operationId: 'getDelivery', summary: 'Read what became of an event' })
  @ApiOkResponse({ type: DeliveryResponse })
  @ApiProblems('forbidden', 'not-found')
  async get(
    @Param('id') id: string,
    @Param('webhookId') webhookId: string,
    @Param('eventId') eventId: string,
  ): Promise<DeliveryResponse> {
    return DeliveryResponse.from(await this.deliveries.get(id, webhookId, eventId));
  }

  @Post('deliveries/:eventId/retry')
  @HttpCode(202)
  @RequireRole('webhooks:write')
  @ApiEventId()
  @ApiOperation({
    operationId: 'retryDelivery',
    summary: 'Send an event again',
    description: 'With the same `webhook-id`, whatever became of it before.',
  })
  @ApiAcceptedResponse({ type: DeliveryResponse })
  @ApiProblems('forbidden', 'not-found', 'webhook-disabled')
  async retry(
    @Param('id') id: string,
    @Param('webhookId') webhookId: string,
    @Param('eventId') eventId: string,
  ): Promise<DeliveryResponse> {
    return DeliveryResponse.from(await this.deliveries.retry(id, webhookId, eventId));
  }

  @Post('test')
  @HttpCode(202)
  @RequireRole('webhooks:write')
  @ApiOperation({
    operationId: 'testWebhook',
    summary: 'Send a test event',
    description: 'Once, now, of type `webhook.test`. What came of it is at `Location`.',
  })
  @ApiAcceptedResponse({ type: DeliveryResponse, headers: LOCATION })
  @ApiProblems('forbidden', 'not-found', 'webhook-disabled')
  async test(
    @Param('id') id: string,
    @Param('webhookId') webhookId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DeliveryResponse> {
    const delivery = await this.deliveries.test(id, webhookId);
    const path = ['webhooks', webhookId, 'deliveries', delivery.eventId];
    void reply.header('location', this.workspaces.apiPath(id, ...path));
    return DeliveryResponse.from(delivery);
  }

  @Post('replay')
  @HttpCode(202)
  @RequireRole('webhooks:write')
  @ApiOperation({
    operationId: 'replayEvents',
    summary: 'Send all events of a time again',
    description:
      'Those that the webhook is told of, with the same `webhook-id`s, also if it was disabled or not there at the time.',
  })
  @ApiAcceptedResponse({ type: ReplayResponse })
  @ApiProblems('invalid-request', 'forbidden', 'not-found', 'webhook-disabled')
  async replay(
    @Param('id') id: string,
    @Param('webhookId') webhookId: string,
    @Body() body: ReplayRequest,
  ): Promise<ReplayResponse> {
    const range = ReplayRequest.toRange(body);
    return { events: await this.deliveries.replay(id, webhookId, range) };
  }
}
