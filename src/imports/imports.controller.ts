import { Readable } from 'node:stream';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiBody,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { RequestValidationPipe } from '../common/problem/validation.pipe.js';
import { PageQuery } from '../common/validation/page.query.js';
import { WithoutIdempotencyKey } from '../common/without-idempotency-key.decorator.js';
import { LimitBody } from '../platform/http/body-limits.decorator.js';
import { RequireRole } from '../workspaces/require-role.decorator.js';
import { ImportQuery, ImportRecordsQuery, RemoteImportRequest } from './dto/import.request.js';
import {
  ImportPageResponse,
  ImportRecordPageResponse,
  ImportResponse,
} from './dto/import.response.js';
import { ApiImportId, ApiWorkspaceId, LOCATION } from './imports.openapi.js';
import { ImportsService } from './imports.service.js';
import { MAX_IMPORT_BYTES } from './imports.types.js';

@ApiTags('imports')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@ApiWorkspaceId()
@Controller('workspaces/:id/imports')
export class ImportsController {
  private readonly validation = new RequestValidationPipe();

  constructor(private readonly imports: ImportsService) {}

  @Post()
  @HttpCode(202)
  @WithoutIdempotencyKey()
  @LimitBody({ isFile: true, bytes: MAX_IMPORT_BYTES })
  @RequireRole('links:write')
  @ApiOperation({
    operationId: 'startImport',
    summary: 'Take over the links of another service',
    description:
      'Send its export file as `application/octet-stream`, of up to 50,000,000 bytes that arrive within 30 seconds, or name a running service as JSON. The links are made in the background: look at the import until its status is `done`. A file that cannot be read as a whole makes no link. What is there already is not made again by another import of the same file, as long as records have codes.',
  })
  @ApiBody({ type: RemoteImportRequest })
  @ApiAcceptedResponse({ type: ImportResponse, headers: LOCATION })
  @ApiProblems(
    'invalid-request',
    'forbidden',
    'not-found',
    'import-limit-reached',
    'body-too-large',
  )
  async start(
    @Param('id') id: string,
    @Query() query: ImportQuery,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImportResponse> {
    const options = ImportQuery.toOptions(query);
    const started =
      body instanceof Readable
        ? await this.imports.start(id, options, body)
        : await this.imports.startRemote(id, options, await this.remote(body));
    void reply.header('location', this.imports.apiPath(started.workspaceId, started.id));
    return ImportResponse.from(started);
  }

  @Get()
  @RequireRole('links:read')
  @ApiOperation({ operationId: 'listImports', summary: 'List imports, the newest first' })
  @ApiOkResponse({ type: ImportPageResponse })
  @ApiProblems('invalid-request', 'not-found')
  async list(@Param('id') id: string, @Query() query: PageQuery): Promise<ImportPageResponse> {
    return ImportPageResponse.from(await this.imports.list(id, query));
  }

  @Get(':importId')
  @RequireRole('links:read')
  @ApiImportId()
  @ApiOperation({ operationId: 'getImport', summary: 'Read how far an import is' })
  @ApiOkResponse({ type: ImportResponse })
  @ApiProblems('not-found')
  async get(@Param('id') id: string, @Param('importId') importId: string): Promise<ImportResponse> {
    return ImportResponse.from(await this.imports.get(id, importId));
  }

  @Get(':importId/records')
  @RequireRole('links:read')
  @ApiImportId()
  @ApiOperation({
    operationId: 'listImportRecords',
    summary: 'Read what became of each record of an import',
    description: 'In the order of the file. It is kept for 30 days after the import.',
  })
  @ApiOkResponse({ type: ImportRecordPageResponse })
  @ApiProblems('invalid-request', 'not-found')
  records(
    @Param('id') id: string,
    @Param('importId') importId: string,
    @Query() query: ImportRecordsQuery,
  ): Promise<ImportRecordPageResponse> {
    return this.imports.records(id, importId, query);
  }

  @Delete(':importId')
  @HttpCode(204)
  @RequireRole('links:write')
  @ApiImportId()
  @ApiOperation({
    operationId: 'deleteImport',
    summary: 'Cancel an import, or remove one that is over',
    description: 'Links that it has made stay.',
  })
  @ApiNoContentResponse({ description: 'The import is cancelled, or removed.' })
  @ApiProblems('forbidden', 'not-found')
  async delete(@Param('id') id: string, @Param('importId') importId: string): Promise<void> {
    await this.imports.delete(id, importId);
  }

  private async remote(body: unknown): Promise<RemoteImportRequest> {
    const metadata = { type: 'body', metatype: RemoteImportRequest } as const;
    return (await this.validation.transform(body, metadata)) as RemoteImportRequest;
  }
}
