import { Readable } from 'node:stream';
import {
  Controller,
  Delete,
  Get,
  Header,
  Headers,
  HttpCode,
  Param,
  Query,
  Res,
  StreamableFile,
} from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { AuthenticatedUser } from '../../auth/auth.types.js';
import { CurrentUser } from '../../auth/current-user.decorator.js';
import { ApiProblems } from '../../common/problem/api-problems.decorator.js';
import { ApiRole } from '../../workspaces/require-role.decorator.js';
import { ApiJsonOrCsv } from './api-csv.decorator.js';
import { ClickDeletionsService } from './click-deletions.service.js';
import { ClickEventsService } from './click-events.service.js';
import { ClickEventPageResponse } from './dto/click-event.response.js';
import { ClickEventsRequest } from './dto/click-events.query.js';
import { attachCsv, wantsCsv } from './dto/format.query.js';
import { eventsCsv, reportCsv } from './dto/report.csv.js';
import { StatsRequest } from './dto/stats.query.js';
import { LinkStatsResponse } from './dto/stats.response.js';
import { ReportsService } from './reports.service.js';
import { ABOUT_REPORTS, EVENTS_CSV, SERIES_CSV } from './reports.openapi.js';

const ApiLinkId = (): MethodDecorator =>
  ApiParam({ name: 'id', format: 'uuid', example: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d' });

@ApiTags('stats')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@Controller('links')
export class ReportsController {
  constructor(
    private readonly reports: ReportsService,
    private readonly events: ClickEventsService,
    private readonly deletions: ClickDeletionsService,
  ) {}

  @Get(':id/stats')
  @ApiRole('stats:read')
  @Header('vary', 'Accept')
  @ApiLinkId()
  @ApiOperation({
    operationId: 'getLinkStats',
    summary: 'Read the statistics of a link',
    description: ABOUT_REPORTS,
  })
  @ApiJsonOrCsv(LinkStatsResponse, SERIES_CSV)
  @ApiProblems('invalid-request', 'link-not-found')
  async ofLink(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Query() query: StatsRequest,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LinkStatsResponse | string> {
    const report = await this.reports.ofLink(user.id, id, StatsRequest.toStatsQuery(query));
    if (!wantsCsv(query.format, accept)) return LinkStatsResponse.from(report);
    attachCsv(reply, `link-${id}-stats.csv`);
    return reportCsv(report, query.groupBy.length > 0);
  }

  @Get(':id/clicks')
  @ApiRole('stats:read')
  @Header('vary', 'Accept')
  @ApiLinkId()
  @ApiOperation({
    operationId: 'listClicks',
    summary: 'List the clicks of a link, the newest first',
    description:
      'Of all time, unless `from` or `to` say otherwise. Follow `nextCursor` until it is null. A CSV file holds all of them: `limit` and `cursor` do not matter then. If it breaks off, so does the connection.',
  })
  @ApiJsonOrCsv(ClickEventPageResponse, EVENTS_CSV)
  @ApiProblems('invalid-request', 'link-not-found')
  async clicks(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Query() query: ClickEventsRequest,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClickEventPageResponse | StreamableFile> {
    if (!wantsCsv(query.format, accept)) {
      const page = await this.events.page(user.id, id, ClickEventsRequest.toQuery(query));
      return ClickEventPageResponse.from(page);
    }
    const batches = await this.events.export(user.id, id, query);
    attachCsv(reply, `link-${id}-clicks.csv`);
    return new StreamableFile(Readable.from(eventsCsv(batches), { objectMode: false }));
  }

  @Delete(':id/clicks')
  @ApiRole('links:write')
  @HttpCode(204)
  @ApiLinkId()
  @ApiOperation({
    operationId: 'deleteClicks',
    summary: 'Delete all clicks of a link',
    description:
      'Single clicks and all that was counted of them: of the link, and of the workspace that it is in. ' +
      'Clicks made before that do not come back, wherever they are still on their way. What the link has ' +
      'spent of `maxClicks` stays spent, and a workspace that it was in before keeps what it counted. ' +
      'A backup from before has them still.',
  })
  @ApiNoContentResponse({ description: 'The clicks are deleted.' })
  @ApiAcceptedResponse({ description: 'The clicks are being deleted; that takes a while.' })
  @ApiProblems('forbidden', 'link-not-found')
  async deleteClicks(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (!(await this.deletions.delete(user.id, id))) void reply.status(202);
  }
}
