import {
  Controller,
  Get,
  Header,
  Headers,
  Param,
  Query,
  type StreamableFile,
} from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { AuditTrailsService } from './audit-trails.service.js';
import { AuditQueryRequest } from './dto/audit.query.js';
import { ApiAuditEvents, auditLines, AuditPageResponse } from './dto/audit.response.js';
import { RequireRole } from './require-role.decorator.js';
import { ApiWorkspaceId } from './workspaces.openapi.js';

@ApiTags('workspaces')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@ApiWorkspaceId()
@Controller('workspaces/:id/audit')
export class WorkspaceAuditController {
  constructor(private readonly trails: AuditTrailsService) {}

  @Get()
  @RequireRole('audit:read')
  @Header('vary', 'Accept')
  @ApiOperation({
    operationId: 'listAuditEvents',
    summary: 'List what was changed in a workspace, and by whom, the newest first',
    description: 'As far as it is on record: for AUDIT_RETENTION_DAYS.',
  })
  @ApiAuditEvents()
  @ApiProblems('invalid-request', 'forbidden', 'not-found')
  async list(
    @Param('id') id: string,
    @Query() request: AuditQueryRequest,
    @Headers('accept') accept: string | undefined,
  ): Promise<AuditPageResponse | StreamableFile> {
    const query = AuditQueryRequest.toQuery(request);
    return AuditQueryRequest.wantsLines(request, accept)
      ? auditLines(await this.trails.export(id, query))
      : AuditPageResponse.from(await this.trails.list(id, query));
  }
}
