import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { AuthenticatedUser } from '../../auth/auth.types.js';
import { CurrentUser } from '../../auth/current-user.decorator.js';
import { ApiProblems } from '../../common/problem/api-problems.decorator.js';
import { LinkStatsQuery } from './dto/stats.query.js';
import { LinkStatsResponse } from './dto/stats.response.js';
import { ReportsService } from './reports.service.js';

@ApiTags('statistics')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@Controller('links')
export class ReportsController {
  constructor(private readonly reports: ReportsService) {}

  @Get(':id/stats')
  @ApiParam({ name: 'id', format: 'uuid', example: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d' })
  @ApiOperation({
    operationId: 'getLinkStats',
    summary: 'Read the statistics of a link',
    description:
      'A click is in here within two seconds. Reports read sums that were made in advance, except with filters: those read every click of the range.',
  })
  @ApiOkResponse({ type: LinkStatsResponse })
  @ApiProblems('invalid-request', 'link-not-found')
  async ofLink(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Query() query: LinkStatsQuery,
  ): Promise<LinkStatsResponse> {
    const report = await this.reports.ofLink(user.id, id, LinkStatsQuery.toStatsQuery(query));
    return LinkStatsResponse.from(report);
  }
}
