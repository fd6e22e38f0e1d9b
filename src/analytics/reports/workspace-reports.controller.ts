import { Controller, Get, Header, Headers, Param, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { AuthenticatedUser } from '../../auth/auth.types.js';
import { CurrentUser } from '../../auth/current-user.decorator.js';
import { ApiProblems } from '../../common/problem/api-problems.decorator.js';
import { ApiRole } from '../../workspaces/require-role.decorator.js';
import { ApiJsonOrCsv } from './api-csv.decorator.js';
import { attachCsv, wantsCsv } from './dto/format.query.js';
import { LinkTotalsRequest } from './dto/link-totals.query.js';
import { LinkTotalsResponse } from './dto/link-totals.response.js';
import { reportCsv } from './dto/report.csv.js';
import { WorkspaceStatsRequest } from './dto/stats.query.js';
import { WorkspaceStatsResponse } from './dto/stats.response.js';
import { ReportsService } from './reports.service.js';
import { ABOUT_REPORTS, SERIES_CSV } from './reports.openapi.js';

/** Reports on many links at once. */
@ApiTags('stats')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@Controller()
export class WorkspaceReportsController {
  constructor(private readonly reports: ReportsService) {}

  @Get('workspaces/:id/stats')
  @ApiRole('stats:read')
  @Header('vary', 'Accept')
  @ApiParam({ name: 'id', format: 'uuid', example: '01912d3a-1111-7c3f-8a4d-9e6f0a1b2c3d' })
  @ApiOperation({
    operationId: 'getWorkspaceStats',
    summary: 'Read the statistics of a workspace',
    description: `All links of the workspace together, those deleted since included; top links and tags show those that exist. A link that moves leaves its clicks so far with the workspace that they were counted for. ${ABOUT_REPORTS}`,
  })
  @ApiJsonOrCsv(WorkspaceStatsResponse, SERIES_CSV)
  @ApiProblems('invalid-request', 'not-found')
  async ofWorkspace(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Query() query: WorkspaceStatsRequest,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkspaceStatsResponse | string> {
    const wanted = WorkspaceStatsRequest.toWorkspaceStatsQuery(query);
    const report = await this.reports.ofWorkspace(user.id, id, wanted);
    if (!wantsCsv(query.format, accept)) return WorkspaceStatsResponse.from(report);
    attachCsv(reply, `workspace-${id}-stats.csv`);
    return reportCsv(report, query.groupBy.length > 0);
  }

  @Get('stats/links')
  @ApiRole('stats:read')
  @ApiOperation({
    operationId: 'getLinkTotals',
    summary: 'Read the totals of many links at once',
    description:
      'Of all time, unless `from` or `to` say otherwise; a range is of at most 5 years, and rounded to 15 minutes, outwards.',
  })
  @ApiOkResponse({ type: LinkTotalsResponse })
  @ApiProblems('invalid-request')
  async totals(
    @CurrentUser() user: AuthenticatedUser,
    @Query() query: LinkTotalsRequest,
  ): Promise<LinkTotalsResponse> {
    const totals = await this.reports.totals(user.id, LinkTotalsRequest.toQuery(query));
    return LinkTotalsResponse.from(totals);
  }
}
