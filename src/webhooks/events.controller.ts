import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { EventsService } from '../events/events.service.js';
import { RequireRole } from '../workspaces/require-role.decorator.js';
import { PagesBy } from '../platform/http/link-header.js';
import { EventPageResponse, ListEventsQuery } from './dto/events.dto.js';
import { ApiWorkspaceId } from './webhooks.openapi.js';

@ApiTags('webhooks')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@ApiWorkspaceId()
@Controller('workspaces/:id/events')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Get()
  @PagesBy('after')
  @RequireRole('events:read')
  @ApiOperation({
    operationId: 'listEvents',
    summary: 'Read what has happened in a workspace, the oldest first',
    description:
      'What webhooks are sent, for those who rather ask: without gaps, in order, for 30 days. Go on after the last event that you have seen.',
  })
  @ApiOkResponse({ type: EventPageResponse })
  @ApiProblems('invalid-request', 'forbidden', 'not-found', 'events-gone')
  async list(@Param('id') id: string, @Query() query: ListEventsQuery): Promise<EventPageResponse> {
    return EventPageResponse.from(await this.events.list(id.toLowerCase(), query));
  }
}
