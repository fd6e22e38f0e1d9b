import { Controller, Get, Param, Query, type StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { RequireRole } from '../workspaces/require-role.decorator.js';
import { ApiExport, exportFile, ExportQuery } from './dto/export.response.js';
import { ExportsService } from './exports.service.js';
import { ApiWorkspaceId } from './imports.openapi.js';

@ApiTags('imports')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@ApiWorkspaceId()
@Controller('workspaces/:id/export')
export class ExportsController {
  constructor(private readonly exports: ExportsService) {}

  @Get()
  @RequireRole('links:read')
  @ApiOperation({
    operationId: 'exportLinks',
    summary: 'Take all links of a workspace along',
    description:
      'All that are not deleted, the oldest first. Imported again (source `signpost`) they become the same links, apart from ids, with all clicks so far as imported ones; a link with a password is switched off, for its password is in no export.',
  })
  @ApiExport()
  @ApiProblems('invalid-request', 'not-found')
  async export(@Param('id') id: string, @Query() { format }: ExportQuery): Promise<StreamableFile> {
    return exportFile(await this.exports.export(id), format);
  }
}
