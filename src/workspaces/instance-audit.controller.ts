import { Controller, Get, Header, Headers, Query, type StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AdminOnly } from '../auth/admin-only.decorator.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { AuditTrailsService } from './audit-trails.service.js';
import { AuditQueryRequest } from './dto/audit.query.js';
import { ApiAuditEvents, auditLines, AuditPageResponse } from './dto/audit.response.js';

@ApiTags('administration')
@ApiBearerAuth('bearer')
@AdminOnly()
@Controller('audit')
export class InstanceAuditController {
  constructor(private readonly trails: AuditTrailsService) {}

  @Get()
  @Header('vary', 'Accept')
  @ApiOperation({
    operationId: 'listInstanceAuditEvents',
    summary: 'List what was changed on the instance, and by whom, the newest first',
    description: 'Users, sessions and blocked hosts: what belongs to no workspace.',
  })
  @ApiAuditEvents()
  @ApiProblems('invalid-request')
  async list(
    @Query() request: AuditQueryRequest,
    @Headers('accept') accept: string | undefined,
  ): Promise<AuditPageResponse | StreamableFile> {
    const query = AuditQueryRequest.toQuery(request);
    return AuditQueryRequest.wantsLines(request, accept)
      ? auditLines(await this.trails.export(null, query))
      : AuditPageResponse.from(await this.trails.list(null, query));
  }
}
