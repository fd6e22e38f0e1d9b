import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { AdminOnly } from '../auth/admin-only.decorator.js';
import type { AuthenticatedUser } from '../auth/auth.types.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { DomainsService } from './domains.service.js';
import { ListAllDomainsQuery } from './dto/domain.request.js';
import { DomainPageResponse, DomainResponse } from './dto/domain.response.js';

@ApiTags('administration')
@ApiBearerAuth('bearer')
@AdminOnly()
@Controller('admin/domains')
export class AdminDomainsController {
  constructor(private readonly domains: DomainsService) {}

  @Get()
  @ApiOperation({
    operationId: 'listAllDomains',
    summary: 'List the domains of all workspaces, the newest first',
    description: 'Those that are only claimed included.',
  })
  @ApiOkResponse({ type: DomainPageResponse })
  @ApiProblems('invalid-request')
  async list(@Query() { host, ...page }: ListAllDomainsQuery): Promise<DomainPageResponse> {
    return DomainPageResponse.from(await this.domains.listAll(host, page));
  }

  @Post(':id/verify')
  @HttpCode(200)
  @ApiParam({ name: 'id', format: 'uuid', example: '01912d3a-5555-7c3f-8a4d-9e6f0a1b2c3d' })
  @ApiOperation({
    operationId: 'verifyDomainUnseen',
    summary: 'Verify a domain without its DNS record',
    description: 'For hosts of an inner network, or whose owner you know otherwise.',
  })
  @ApiOkResponse({ type: DomainResponse })
  @ApiProblems('not-found', 'domain-taken')
  async verify(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
  ): Promise<DomainResponse> {
    return DomainResponse.from(await this.domains.verifyUnseen(id, user.id));
  }
}
